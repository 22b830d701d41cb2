"""The page: Streamlit around one living map."""
