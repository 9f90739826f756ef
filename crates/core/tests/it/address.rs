use w3pin_core::{Endpoint, ErrorKind, FetchBlock, Gateway, Insecure, Preset, RateLimit};

use crate::RAW_CID;

#[test]
fn every_preset_is_an_endpoint_and_the_documented_host_is_the_default() {
    for preset in Preset::ALL {
        let endpoint: Endpoint = preset.name().parse().unwrap();
        assert_eq!(endpoint.to_string(), preset.url());
    }
    assert_eq!(
        Endpoint::default().to_string(),
        "https://api-ipfs.attoaioz.cyou/api/pinning"
    );
}

#[test]
fn plain_http_goes_to_this_machine_alone() {
    for url in [
        "http://localhost:1/api/pinning",
        "http://127.0.0.1/api/pinning",
        "http://127.9.9.9/api/pinning",
        "http://[::1]:80/api/pinning",
    ] {
        assert!(url.parse::<Endpoint>().unwrap().is_loopback(), "{url}");
    }
    for url in [
        "http://example.com/api/pinning",
        "http://localhost.example.com/",
        "http://10.0.0.1/",
        "http://[::2]/",
    ] {
        let error = url.parse::<Endpoint>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{url}");
        assert!(error.to_string().contains("plain HTTP"), "{error}");
        assert!(!Endpoint::new(url, Insecure::Allow).unwrap().is_loopback());
    }
}

#[test]
fn what_is_no_base_url_is_refused_and_a_password_is_not_shown() {
    for url in [
        "",
        "aioz",
        "ftp://example.com/",
        "https://",
        "/api",
        "https://a/?q=1",
        "https://a/#f",
    ] {
        assert_eq!(
            url.parse::<Endpoint>().unwrap_err().kind(),
            ErrorKind::InvalidInput,
            "{url}"
        );
    }
    for url in [
        "https://user:hunter2@example.com/",
        "https://user:hunter2@exa mple.com/",
        "https://user:hunter2@example.com:port/",
        "user:hunter2@example.com",
        "ftp://user:hunter2@example.com/",
        "http://hunter2@example.com/",
    ] {
        let error = url.parse::<Endpoint>().unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
        let error = url.parse::<Gateway>().unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}

#[test]
fn slashes_at_the_end_do_not_count() {
    let plain: Endpoint = "https://example.com/api/pinning".parse().unwrap();
    assert_eq!(
        "https://example.com/api/pinning//"
            .parse::<Endpoint>()
            .unwrap(),
        plain
    );
}

#[test]
fn pacing_is_the_services_own_limit_except_on_this_machine() {
    assert_eq!(
        Endpoint::default().default_rate_limit(),
        RateLimit::PerMinute(180.try_into().unwrap())
    );
    let local: Endpoint = "http://127.0.0.1:9/api/pinning".parse().unwrap();
    assert_eq!(local.default_rate_limit(), RateLimit::Unlimited);
}

#[test]
fn a_gateway_is_the_same_with_and_without_its_last_segment() {
    let gateway: Gateway = "https://example.com/base".parse().unwrap();
    for text in [
        "https://example.com/base/",
        "https://example.com/base/ipfs",
        "https://example.com/base/ipfs//",
        "https://example.com/base/ipfs/ \0",
        "https://example.com/base/ipfs/ipfs/",
    ] {
        assert_eq!(text.parse::<Gateway>().unwrap(), gateway, "{text:?}");
    }
}

#[test]
fn a_gateway_is_asked_for_raw_blocks_without_credentials() {
    let gateway: Gateway = "http://example.com/ipfs/".parse().unwrap();
    let request = FetchBlock::new(RAW_CID.parse().unwrap())
        .prepare(&gateway)
        .unwrap();
    assert_eq!(
        request.uri(),
        &*format!("http://example.com/ipfs/{RAW_CID}?format=raw")
    );
    assert_eq!(request.headers()["accept"], "application/vnd.ipld.raw");
    assert_eq!(request.headers().len(), 1);
    let local: Endpoint = "http://127.0.0.1:4321/api/pinning".parse().unwrap();
    assert_eq!(
        Gateway::for_endpoint(&local).to_string(),
        "http://127.0.0.1:4321"
    );
}
