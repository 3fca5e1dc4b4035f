"""One module and one stylesheet for each screen of the desk."""
