//! What containers expose, and the loop that scrapes it in simulated time.
