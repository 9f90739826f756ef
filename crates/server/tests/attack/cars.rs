//! Attacks with CARs that are expensive to process or invalid.

use cid::{Cid, multihash::Multihash};
use sha2::{Digest, Sha256};
use w3pin_car::{header, section_head};
use w3pin_unixfs::RAW;

use crate::{
    attack::{Attack, rounds},
    elsewhere::upload,
    fixture::{ALICE, Part, form},
};

const DAG_CBOR: u64 = 0x71;

#[test]
fn cars_of_tiny_blocks_deep_repeated_wrong_and_cut_off() {
    let attack = Attack::begin_load("hostile CARs");
    let address = attack.address();
    std::thread::scope(|scope| {
        for client in 0..8_u32 {
            scope.spawn(move || {
                for round in 0..rounds(1, 5) as u32 {
                    let number = client * 1000 + round;
                    let car = hostile(number);
                    let body = form(&[Part {
                        disposition: "form-data; name=\"car\"; filename=\"a.car\"".to_owned(),
                        content: &car,
                    }]);
                    let reply = upload(address, ALICE, &body);
                    let is_whole = !matches!(number % 5, 3 | 4);
                    let expected = if is_whole { 201 } else { 400 };
                    assert!([expected, 503].contains(&reply.status), "{reply:?}");
                }
            });
        }
    });
    attack.finish();
}

/// One kind after the other, each with different content.
fn hostile(number: u32) -> Vec<u8> {
    let most = rounds(2_000, 40_000) as u32;
    let leaf = |leaf: u32| [number.to_be_bytes(), leaf.to_be_bytes()].concat();
    let mut car = Car::default();
    let root = match number % 5 {
        // Nested.
        1 => (0..most).fold(car.add(RAW, &leaf(0)), |below, _| car.document(&[below])),
        // As many paths as stars in the sky.
        2 => (0..64).fold(car.add(RAW, &leaf(0)), |below, _| {
            car.document(&[below; 200])
        }),
        _ => {
            let leaves: Vec<_> = (0..most).map(|it| car.add(RAW, &leaf(it))).collect();
            let documents: Vec<_> = leaves.chunks(200).map(|some| car.document(some)).collect();
            car.document(&documents)
        }
    };
    let mut car = [header(&[root]), car.0].concat();
    if number % 5 == 3 {
        car.pop();
    }
    if let (4, Some(last)) = (number % 5, car.last_mut()) {
        *last ^= 1;
    }
    car
}

/// The sections of a CAR.
#[derive(Default)]
struct Car(Vec<u8>);

impl Car {
    fn add(&mut self, codec: u64, block: &[u8]) -> Cid {
        let digest = Multihash::wrap(0x12, &Sha256::digest(block)).unwrap();
        let cid = Cid::new_v1(codec, digest);
        self.0.extend(section_head(&cid, block.len()));
        self.0.extend(block);
        cid
    }

    /// A block that consists only of links.
    fn document(&mut self, links: &[Cid]) -> Cid {
        let mut cbor = match links.len() {
            few @ 0..24 => vec![0x80 + few as u8],
            some => vec![0x98, u8::try_from(some).unwrap()],
        };
        for link in links {
            let bytes = link.to_bytes();
            cbor.extend([0xd8, 42, 0x58, bytes.len() as u8 + 1, 0]);
            cbor.extend(bytes);
        }
        self.add(DAG_CBOR, &cbor)
    }
}
