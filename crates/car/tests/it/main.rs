//! CARs, sound and not.

mod fixtures;
mod hostile;
mod pieces;
mod reading;
mod writing;
