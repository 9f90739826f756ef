//! Tests of redirects.

use w3pin::{ErrorKind, PinOptions};

use crate::{
    API_KEY, client,
    server::{Kept, Server, cid, honest, pin, success},
};

#[tokio::test]
async fn a_get_follows_to_the_same_origin_with_its_keys() {
    let server = Server::new(|number, _, connection| {
        match number {
            1 => connection.answer_with(308, &[("Location", "/api/pinning/a/")], ""),
            2 => connection.answer_with(302, &[("Location", "b")], ""),
            _ => connection.answer(200, &success(&pin("a", &cid(b"x")))),
        }
        Kept::Yes
    });
    client(&server)
        .get_pin(&"a".parse().unwrap())
        .await
        .unwrap();
    let requests = server.requests();
    let paths: Vec<_> = requests
        .iter()
        .map(|request| request.path.as_str())
        .collect();
    assert_eq!(
        paths,
        ["/api/pinning/a", "/api/pinning/a/", "/api/pinning/a/b"]
    );
    assert_eq!(requests[2].header("pinning_api_key"), Some(API_KEY));
}

#[tokio::test]
async fn keys_never_reach_another_origin() {
    let other = Server::new(|_, request, connection| honest(request, connection));
    let address = other.address();
    for (status, location) in [
        (301, format!("http://{address}/api/pinning/a")),
        (307, format!("//{address}/")),
        (
            308,
            format!("http://localhost:{}/api/pinning/", address.port()),
        ),
    ] {
        let server = Server::new(move |_, _, connection| {
            connection.answer_with(status, &[("Location", &location)], "");
            Kept::Yes
        });
        let client = client(&server);
        let error = client.get_pin(&"a".parse().unwrap()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Api);
        assert!(error.to_string().contains("redirects to"), "{error}");
        let error = client.pin_bytes("x", PinOptions::new()).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.status()),
            (ErrorKind::Api, Some(status))
        );
        assert_eq!(server.requests().len(), 2);
    }
    assert!(other.requests().is_empty());
}

#[tokio::test]
async fn an_upload_follows_nowhere() {
    let server = Server::new(|_, _, connection| {
        connection.answer_with(307, &[("Location", "/api/pinning")], "");
        Kept::Yes
    });
    let error = client(&server)
        .pin_bytes("x", PinOptions::new())
        .await
        .unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Api, Some(307)));
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn redirects_that_never_end_do() {
    let server = Server::new(|_, request, connection| {
        connection.answer_with(302, &[("Location", &request.path.clone())], "");
        Kept::Yes
    });
    let error = client(&server)
        .get_pin(&"a".parse().unwrap())
        .await
        .unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Api, Some(302)));
    assert_eq!(server.requests().len(), 6);
}
