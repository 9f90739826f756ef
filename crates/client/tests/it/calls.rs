//! Tests of calls without content.

use std::{sync::Arc, time::Duration};

use w3pin::{
    BatchOptions, Cid, Client, ErrorKind, ListOptions, PinByCidOptions, PinId, RetryPolicy,
    WaitPolicy,
};

use crate::{
    API_KEY, NOBODY, SECRET_KEY, builder, client,
    server::{Kept, Server, cid, content, failure, page, pin, query, success},
};

#[tokio::test]
async fn get_sends_the_keys_and_gives_the_pin() {
    let server = Server::new(|_, _, connection| {
        connection.answer(200, &success(&pin("a", &cid(b"x"))));
        Kept::Yes
    });
    let found = client(&server)
        .get_pin(&"a".parse().unwrap())
        .await
        .unwrap();
    assert_eq!(found.cid.to_string(), cid(b"x"));
    let request = &server.requests()[0];
    assert_eq!(
        (request.method.as_str(), request.path.as_str()),
        ("GET", "/api/pinning/a")
    );
    assert_eq!(request.header("pinning_api_key"), Some(API_KEY));
    assert_eq!(request.header("pinning_secret_key"), Some(SECRET_KEY));
    assert!(request.header("user-agent").unwrap().starts_with("w3pin/"));
}

#[tokio::test]
async fn pins_reads_pages_as_they_are_asked_for() {
    let server = Server::new(|_, request, connection| {
        let offset: usize = query(request)["offset"].parse().unwrap();
        let pins: Vec<_> = (offset..5)
            .take(2)
            .map(|it| pin(&format!("p{it}"), &cid(b"x")))
            .collect();
        let pins = pins.join(",");
        connection.answer(
            200,
            &success(&format!(r#"{{"totals":{{"files":5}},"pins":[{pins}]}}"#)),
        );
        Kept::Yes
    });
    let mut pins = client(&server).pins(ListOptions::new().limit(2).unwrap());
    assert_eq!(pins.next().await.unwrap().unwrap().id.as_str(), "p0");
    assert_eq!(
        server.requests().len(),
        1,
        "the next page waits until it is needed"
    );
    let mut ids = Vec::new();
    while let Some(pin) = pins.next().await {
        ids.push(pin.unwrap().id.to_string());
    }
    assert_eq!(ids, ["p1", "p2", "p3", "p4"]);
    assert_eq!(server.requests().len(), 4);
}

#[tokio::test]
async fn pins_ends_after_an_error() {
    let server = Server::new(|_, _, connection| {
        connection.answer(401, &failure("no"));
        Kept::Yes
    });
    let mut pins = client(&server).pins(ListOptions::new());
    let error = pins.next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication);
    assert!(pins.next().await.is_none());
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn wait_until_pinned_looks_until_it_is() {
    let server = Server::new(|number, _, connection| {
        let body = success(&pin("a", &cid(b"x")));
        let body = if number < 3 {
            body
        } else {
            body.replace("false", "true")
        };
        connection.answer(200, &body);
        Kept::Yes
    });
    let policy = WaitPolicy::default().first_delay(Duration::from_millis(5));
    let id: PinId = "a".parse().unwrap();
    assert!(
        client(&server)
            .wait_until_pinned(&id, policy)
            .await
            .unwrap()
            .pinned
    );
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn wait_until_pinned_ends_with_its_deadline() {
    let server = Server::new(|_, _, connection| {
        connection.answer(200, &success(&pin("a", &cid(b"x"))));
        Kept::Yes
    });
    let policy = WaitPolicy::default()
        .first_delay(Duration::from_millis(5))
        .deadline(Duration::from_millis(30));
    let id: PinId = "a".parse().unwrap();
    let error = client(&server)
        .wait_until_pinned(&id, policy)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
}

#[tokio::test]
async fn check_credentials_tells_good_from_bad() {
    let server = Server::new(|number, _, connection| {
        match number {
            1 => connection.answer(200, r#"{"message":"Congratulations"}"#),
            _ => connection.answer(401, &failure("you are not logged in")),
        }
        Kept::Yes
    });
    let client = client(&server);
    client.check_credentials().await.unwrap();
    let error = client.check_credentials().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication);
    assert_eq!(server.requests()[0].path, "/api/apiKeys/testAuthentication");
}

#[tokio::test]
async fn a_retried_unpin_that_finds_nothing_has_succeeded() {
    let server = Server::new(|number, _, connection| match number {
        1 => Kept::No,
        _ => {
            connection.answer(404, &failure("record not found"));
            Kept::Yes
        }
    });
    client(&server).unpin(&"a".parse().unwrap()).await.unwrap();
    assert_eq!(server.requests().len(), 2);
    assert_eq!(server.requests()[1].path, "/api/pinning/unpin/a");
}

#[tokio::test]
async fn an_unpin_that_was_certainly_not_done_still_fails() {
    let server = Server::new(|number, _, connection| {
        match number {
            1 => connection.answer(429, &failure("slow down")),
            _ => connection.answer(404, &failure("record not found")),
        }
        Kept::Yes
    });
    let error = client(&server)
        .unpin(&"a".parse().unwrap())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_lost_answer_to_pin_by_cid_is_looked_for() {
    let wanted: Cid = cid(b"x").parse().unwrap();
    let server = Server::new(|_, request, connection| {
        if !request.is_list() {
            return Kept::No;
        }
        connection.answer(200, &page(&[pin("made", &cid(b"x"))]));
        Kept::Yes
    });
    let found = client(&server)
        .pin_by_cid(&wanted, PinByCidOptions::new())
        .await
        .unwrap();
    assert_eq!((found.id.as_str(), found.already_pinned), ("made", false));
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn pin_by_cid_finds_what_is_pinned_already() {
    let wanted: Cid = cid(b"x").parse().unwrap();
    let server = Server::new(|_, request, connection| {
        match request.method.as_str() {
            "POST" => connection.answer(409, &failure("pin with that hash already exists")),
            _ => connection.answer(200, &page(&[pin("old", &cid(b"x"))])),
        }
        Kept::Yes
    });
    let client = client(&server);
    let found = client
        .pin_by_cid(&wanted, PinByCidOptions::new())
        .await
        .unwrap();
    assert_eq!((found.id.as_str(), found.already_pinned), ("old", true));
    let options = PinByCidOptions::new().skip_if_pinned(true);
    let found = client.pin_by_cid(&wanted, options).await.unwrap();
    assert_eq!((found.id.as_str(), found.already_pinned), ("old", true));
    let posts = server
        .requests()
        .iter()
        .filter(|it| it.method == "POST")
        .count();
    assert_eq!(posts, 1, "the second call asked only");
}

#[tokio::test]
async fn a_refused_cid_gives_the_error_when_no_pin_is_found() {
    let server = Server::new(|_, request, connection| {
        match request.method.as_str() {
            "POST" => connection.answer(409, &failure("pin with that hash already exists")),
            _ => connection.answer(200, &page(&[])),
        }
        Kept::Yes
    });
    let wanted: Cid = cid(b"x").parse().unwrap();
    let error = client(&server)
        .pin_by_cid(&wanted, PinByCidOptions::new())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyPinned);
}

#[tokio::test]
async fn many_answer_in_order_with_one_result_each_and_within_bounds() {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (running, seen) = (Arc::clone(&now), Arc::clone(&most));
    let server = Server::new(move |_, request, connection| {
        let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
        let wanted = body["hash_to_pin"].as_str().unwrap().to_owned();
        seen.fetch_max(running.fetch_add(1, SeqCst) + 1, SeqCst);
        // The first one gets its response last.
        let slow = wanted == cid(&[0]);
        std::thread::sleep(Duration::from_millis(if slow { 80 } else { 5 }));
        running.fetch_sub(1, SeqCst);
        match wanted == cid(&[3]) {
            true => connection.answer(402, &failure("user not enough balance")),
            false => connection.answer(200, &success(&pin("p", &wanted))),
        }
        Kept::Yes
    });
    let cids: Vec<Cid> = (0..12).map(|it| cid(&[it]).parse().unwrap()).collect();
    let options = BatchOptions::new().concurrency(3).unwrap();
    let results = client(&server).pin_cids(cids.clone(), options).await;
    assert_eq!(results.len(), 12);
    for (index, (wanted, result)) in cids.iter().zip(&results).enumerate() {
        match result {
            Ok(pin) => assert_eq!(&pin.cid, wanted),
            Err(error) => {
                assert_eq!((index, error.kind()), (3, ErrorKind::InsufficientFunds));
            }
        }
    }
    assert!(most.load(SeqCst) <= 3);
    assert_eq!(now.load(SeqCst), 0);
}

#[tokio::test]
async fn a_call_ends_with_its_whole_time() {
    let server = Server::new(|_, _, connection| {
        connection.answer_with(429, &[("Retry-After", "1000")], &failure("slow"));
        Kept::Yes
    });
    let patient = RetryPolicy::default().budget(Duration::from_secs(5000));
    let client = builder(&server).retry(patient).build().unwrap();
    let error = client.get_pin(&"a".parse().unwrap()).await.unwrap_err();
    assert_eq!(
        error.kind(),
        ErrorKind::RateLimited,
        "no use in waiting past the limit"
    );
    assert_eq!(error.retry_after(), Some(Duration::from_secs(1000)));
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_dead_server_is_a_transport_error_that_says_so() {
    let client = Client::builder()
        .credentials(w3pin::Credentials::new(API_KEY, SECRET_KEY).unwrap())
        .endpoint(format!("http://{NOBODY}/api/pinning").parse().unwrap())
        .retry(RetryPolicy::never())
        .build()
        .unwrap();
    let error = client.get_pin(&"a".parse().unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert!(error.to_string().contains("can't be reached"), "{error}");
    assert!(error.is_retryable());
}

#[test]
fn settings_that_cannot_be_used_are_refused_by_name() {
    let builder =
        || Client::builder().credentials(w3pin::Credentials::new(API_KEY, SECRET_KEY).unwrap());
    let field = |builder: w3pin::ClientBuilder| {
        let error = builder.build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        error.field().unwrap().to_owned()
    };
    assert_eq!(field(Client::builder().environment(false)), "credentials");
    assert_eq!(
        field(builder().idle_timeout(Duration::ZERO)),
        "idle_timeout"
    );
    assert_eq!(field(builder().proxy("not a url")), "proxy");
    assert_eq!(field(builder().proxy("ftp://host")), "proxy");
    assert_eq!(field(builder().user_agent("a\nb")), "user_agent");
    assert_eq!(
        field(builder().root_certificates_pem(b"nothing")),
        "root_certificates_pem"
    );
    let garbled = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    assert_eq!(
        field(builder().root_certificates_pem(garbled)),
        "root_certificates_pem"
    );
    let error = builder()
        .proxy("http://me:pa55word@ho st")
        .build()
        .unwrap_err();
    assert!(!format!("{error:?}{error}").contains("pa55word"));
    assert!(
        builder()
            .platform_roots(true)
            .proxy("socks5h://u:p@127.0.0.1:9")
            .build()
            .is_ok()
    );
}

#[tokio::test]
async fn clones_share_one_pace() {
    use w3pin::RateLimit;
    let server = Server::new(|_, _, connection| {
        connection.answer(200, &success(&pin("a", &cid(&content(3)))));
        Kept::Yes
    });
    // One request may be sent at once, and the second only after a minute.
    let client = builder(&server)
        .rate_limit(RateLimit::PerMinute(2.try_into().unwrap()))
        .call_timeout(Duration::from_millis(300))
        .build()
        .unwrap();
    let id: PinId = "a".parse().unwrap();
    client.get_pin(&id).await.unwrap();
    let error = client.clone().get_pin(&id).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(server.requests().len(), 1);
}
