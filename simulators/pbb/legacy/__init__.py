"""The old billing application of the land and building tax; `../README.md` describes its interface."""
