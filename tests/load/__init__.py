"""Many people at once: sessions without a browser over Streamlit's own protocol, and a few real browsers."""
