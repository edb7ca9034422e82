"""Sign-in sessions: browser cookies, sealed tickets, web sign-ins, logout notices."""
