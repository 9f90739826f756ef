//! Attacks with disks that are full or gone, and files that can't grow.

use crate::{
    attack::{Attack, rounds},
    fixture::noise,
    small_disk::SmallDisk,
};

#[test]
fn a_full_disk() {
    let disk = SmallDisk::new(64);
    let attack = Attack::begin_at("full disk", &disk.path().join("data"));
    let mut mine = Vec::new();
    for round in 0..rounds(2, 20) {
        for number in 0..3 {
            let content = noise(round * 10 + number + 1, 700_000);
            match attack.upload("a", &content) {
                Ok(id) => mine.push((id, content)),
                Err(status) => assert_eq!(status, 507),
            }
        }
        disk.fill();
        let refused = attack.upload("b", &noise(round * 10 + 5, 3_000_000));
        assert_eq!(refused, Err(507));
        // What doesn't fit is rejected; what frees space isn't.
        for (id, content) in mine.drain(..) {
            assert_eq!(attack.unpin(&id), 200);
            attack.forget(&content);
        }
        disk.give_back(u64::MAX);
    }
    attack.finish();
}

#[test]
fn a_disk_that_is_lost() {
    let disk = SmallDisk::new(64);
    let mut attack = Attack::begin_at("lost disk", &disk.path().join("data"));
    for round in 0..rounds(2, 20) {
        let contents = [1, 2].map(|number| noise(round * 10 + number, 200_000));
        let id = attack.upload("before", &contents[0]).unwrap();
        disk.be_lost();
        let refused = attack.upload("meanwhile", &contents[1]);
        assert!(matches!(refused, Err(500..)), "{refused:?}");
        assert!(attack.unpin(&id) >= 500);
        disk.be_found();
        // It recovers without intervention, and after a restart.
        if round % 2 == 1 {
            attack.kill();
            attack.start();
        }
        attack.upload("meanwhile", &contents[1]).unwrap();
    }
    attack.finish();
}

#[test]
fn a_limit_on_the_size_of_files() {
    let attack = Attack::begin_by("file size limit", "ulimit -f 20000 && exec \"$0\" \"$@\"");
    for round in 0..rounds(2, 10) {
        let refused = attack.upload("big", &noise(round + 1, 20_000_000));
        assert_eq!(refused, Err(507));
        attack.upload("small", &noise(round + 1, 100_000)).unwrap();
    }
    attack.finish();
}
