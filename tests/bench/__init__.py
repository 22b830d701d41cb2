"""The benchmark: gzmap against a bare Streamlit page and against streamlit-folium, side by side in one run."""
