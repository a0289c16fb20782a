"""Running the exported models on photos: sessions, photos, and the second look. numpy, Pillow and ONNX Runtime only."""
