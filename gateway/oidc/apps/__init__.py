"""Sign-in for agencies' applications without OpenID: proxy checks, login tickets, account linking."""
