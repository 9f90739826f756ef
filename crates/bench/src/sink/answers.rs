use serde_json::{Value, json};

use super::exchange::Request;

/// The only pin.
pub(crate) const PIN_ID: &str = "3c3fec2a-ca65-4b8e-bcf3-c8e2ceaa23d2";
pub(crate) const CID: &str = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku";

const PAGE: usize = 1_000;

/// All responses, built once.
pub(crate) struct Answers {
    taken: Vec<u8>,
    kept: Vec<u8>,
    page: Vec<u8>,
}

impl Answers {
    pub(crate) fn new(cid: &str) -> Self {
        let kept = pin(cid, "DONE");
        let pins: Vec<_> = (0..PAGE).map(|number| numbered(&kept, number)).collect();
        let totals = json!({"files": PAGE, "size": PAGE * 4096});
        Self {
            taken: success(&pin(cid, "PENDING")),
            kept: success(&kept),
            page: success(&json!({"totals": totals, "pins": pins})),
        }
    }

    pub(crate) fn to(&self, request: &Request) -> (&'static str, &[u8]) {
        let path = request.path.split('?').next().unwrap_or_default();
        match request.method.as_str() {
            "POST" if path.ends_with("pinByHash") => ("200 OK", &self.taken),
            "POST" => ("201 Created", &self.taken),
            _ if path.trim_end_matches('/').ends_with("/pins") => ("200 OK", &self.page),
            _ => ("200 OK", &self.kept),
        }
    }
}

fn success(data: &Value) -> Vec<u8> {
    json!({"data": data, "status": "success"})
        .to_string()
        .into_bytes()
}

fn numbered(pin: &Value, number: usize) -> Value {
    let mut pin = pin.clone();
    pin["id"] = json!(format!("3c3fec2a-ca65-4b8e-bcf3-{number:012}"));
    pin["metadata"]["name"] = json!(format!("{number}.bin"));
    pin
}

fn pin(cid: &str, status: &str) -> Value {
    json!({
        "id": PIN_ID,
        "file_record_id": "9c1b3b6c-49b4-4d0b-9d6f-8c9a3b2f0d11",
        "root_hash": "1220e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "cid": cid,
        "size": 4096,
        "user_id": "7d1f0f0a-6a52-4a6e-9b7e-0d8f6c1f2a33",
        "date_pinned": "2026-03-05T09:10:11.123456Z",
        "date_unpinned": "0001-01-01T00:00:00Z",
        "pinned": status == "DONE",
        "is_pin_by_hash": false,
        "sub_hash_status": "DONE",
        "is_dir": false,
        "metadata": {"name": "file.bin", "type": "application/octet-stream", "keyvalues": {"set": "bench"}},
        "status": status,
    })
}
