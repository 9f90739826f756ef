//! The client against servers, good and bad.
