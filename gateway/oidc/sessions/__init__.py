"""Sign-in sessions: cookies of browsers, tickets on the way through a sign-in, web sign-ins, logout notices."""
