"""The media plane: voice goes through the server, which forwards it and never decodes it."""
