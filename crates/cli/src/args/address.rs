use std::net::SocketAddr;

/// Parses an address with a port.
pub(crate) fn address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse()
        .map_err(|_| "give an IP address and a port, such as 127.0.0.1:4880 or [::1]:4880")
}
