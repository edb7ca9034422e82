"""The billing application of the land and building tax, as old as it looks; `../README.md` describes its interface."""
