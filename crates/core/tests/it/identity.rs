use w3pin_core::{Cid, Credentials, ErrorKind, PinId};

use crate::{OTHER_RAW_CID, RAW_CID, V0_CID};

#[test]
fn a_cid_is_printed_as_it_was_given_and_compared_by_its_hash() {
    let v0: Cid = V0_CID.parse().unwrap();
    let v1: Cid = cid::Cid::new_v1(0x70, *v0.as_cid().hash()).into();
    assert_eq!(v0.to_string(), V0_CID);
    assert_ne!(v0, v1);
    assert!(v0.same_content(&v1));
    let raw: Cid = RAW_CID.parse().unwrap();
    let base58: Cid = raw
        .as_cid()
        .to_string_of_base(multibase::Base::Base58Btc)
        .unwrap()
        .parse()
        .unwrap();
    assert_eq!(raw, base58);
    assert_ne!(raw.as_str(), base58.as_str());
    assert!(!raw.same_content(&OTHER_RAW_CID.parse().unwrap()));
}

#[test]
fn what_is_no_cid_is_refused_with_its_text() {
    for text in [
        "",
        "Qm",
        "bafy",
        "not a cid",
        &RAW_CID[1..],
        "https://x/ipfs/",
        "\u{1F600}",
    ] {
        let error = text.parse::<Cid>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{text}");
        assert_eq!(error.field(), Some("cid"));
        assert!(error.to_string().contains(&format!("{text:?}")), "{error}");
    }
    let error = format!("/ipfs/{RAW_CID}/a").parse::<Cid>().unwrap_err();
    assert!(error.to_string().contains("give only the CID"));
}

#[test]
fn an_id_that_would_name_something_else_is_refused() {
    for text in ["", ".", "..", "pins", "a\nb", "a\0"] {
        let error = text.parse::<PinId>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{text:?}");
        assert_eq!(error.field(), Some("id"));
    }
    assert_eq!("pins2".parse::<PinId>().unwrap().as_str(), "pins2");
}

#[test]
fn keys_are_never_printed() {
    let credentials = Credentials::new("KEY-8f2", "SECRET-1c9").unwrap();
    assert!(!format!("{credentials:?} {credentials:#?}").contains("8f2"));
    assert!(!format!("{credentials:?}").contains("1c9"));
    assert!(
        credentials
            .unusual()
            .is_some_and(|warning| !warning.contains("8f2"))
    );
    let usual = Credentials::new(&"k".repeat(24), &"s".repeat(44)).unwrap();
    assert_eq!(usual.unusual(), None);
}

#[test]
fn a_key_that_no_header_can_carry_is_refused_without_being_shown() {
    for key in ["", "ab c", "abc\n", "abc\r\nx: y", "ключ", "a\0"] {
        let error = Credentials::new(key, "SECRET").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert_eq!(error.field(), Some("api_key"));
        assert!(
            key.is_empty() || !error.to_string().contains(key),
            "{error}"
        );
        assert_eq!(
            Credentials::new("KEY", key).unwrap_err().field(),
            Some("secret_key")
        );
    }
}
