//! The server over real sockets: curl, raw connections, and the API page's own samples.

mod attack;
mod durability;
mod fixture;
mod gateway;
mod multipart;
mod names;
mod openapi;
mod pins;
mod refusals;
mod samples;
mod shutdown;
mod speed;
