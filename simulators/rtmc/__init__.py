"""The simulator of the traffic management centre's SOAP service; `README.md` is its interface description."""
