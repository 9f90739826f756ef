use std::{io::Write, net::SocketAddr};

use crate::frame::{
    ALICE, Account, ELSEWHERE, Figures, HERE, Reply, Served, connect_from, file, read_reply,
    upload,
};

fn get(address: SocketAddr, path: &str, headers: &str, keys: Option<Account>) -> Reply {
    let keys = keys.map_or_else(String::new, |keys| {
        format!(
            "pinning_api_key: {}\r\npinning_secret_key: {}\r\n",
            keys.api_key, keys.secret_key
        )
    });
    let mut stream = connect_from(ELSEWHERE, address).unwrap();
    write!(stream, "GET {path} HTTP/1.0\r\n{headers}{keys}\r\n").unwrap();
    read_reply(&mut stream).unwrap()
}

#[test]
#[ignore = "attacks"]
fn pages_of_others_reach_no_api() {
    let shared = Served::start();
    let apart = Served::with(&["--gateway-listen", "127.0.0.1:0", "--host", "pins.example"]);
    let page = b"<script>fetch('/api/pinning/pins')</script>";
    for server in [&shared, &apart] {
        let address = server.address();
        let mut stream = connect_from(HERE, address).unwrap();
        let pin = upload(&mut stream, ALICE, &file("page.html", page)).unwrap();
        let cid = pin.data()["cid"].as_str().unwrap().to_owned();
        let rebound = "host: evil.example:4880\r\n";
        assert_eq!(get(address, "/api/pinning/pins/", rebound, Some(ALICE)).status, 421);
        let local = "host: 127.0.0.1\r\n";
        for header in ["origin: null\r\n", "sec-fetch-site: cross-site\r\n"] {
            let headers = format!("{local}{header}");
            let reply = get(address, "/api/pinning/pins/", &headers, Some(ALICE));
            assert_eq!(reply.status, 403, "{header}");
            assert!(!reply.head.contains("access-control"), "{}", reply.head);
        }
        let gateway = server.gateway();
        let reply = get(gateway, &format!("/ipfs/{cid}"), local, None);
        assert_eq!((reply.status, &reply.body[..]), (200, &page[..]));
        let is_sandboxed = reply.head.contains("content-security-policy: sandbox");
        let has_api = get(gateway, "/api/pinning/pins/", local, Some(ALICE)).status != 404;
        assert_eq!((is_sandboxed, has_api), (gateway == address, gateway == address));
        assert_eq!(get(gateway, &format!("/ipfs/{cid}"), rebound, None).status, 421);
    }
    let named = "host: pins.example\r\n";
    assert_eq!(get(apart.address(), "/api/pinning/pins/", named, Some(ALICE)).status, 200);
    Figures::of("DNS rebinding, and pinned pages that call the API")
        .say("none got through")
        .keys(&shared)
        .print();
}
