use w3pin_unixfs::{Leaves, Profile, ProfileError, ShardEstimate};

#[test]
fn a_profile_parses_from_what_it_displays() {
    let custom = Profile::custom()
        .cid_version(cid::Version::V0)
        .chunk_size(1000)
        .width(7)
        .leaves(Leaves::Wrapped)
        .shard_estimate(ShardEstimate::BlockBytes)
        .shard_threshold(1)
        .build()
        .unwrap();
    assert_eq!(
        custom.to_string(),
        "custom(chunk=1000,width=7,leaves=wrapped,cid=0,shard=block-bytes,shard-threshold=1)",
    );
    for profile in [&Profile::known()[..], &[custom]].concat() {
        assert_eq!(profile.to_string().parse(), Ok(profile));
    }
}

#[test]
fn the_names_are_those_of_ipip_0499_and_ours() {
    let mut names = Profile::known().map(|profile| profile.to_string());
    names.sort();
    assert_eq!(
        names,
        ["kubo-cidv1-legacy", "unixfs-v0-2015", "unixfs-v1-2025"]
    );
}

#[test]
fn a_custom_profile_with_the_parameters_of_a_named_one_is_that_one() {
    let text = "custom(chunk=262144,width=174,leaves=wrapped,cid=0)";
    assert_eq!(text.parse(), Ok(Profile::unixfs_v0_2015()));
    assert_eq!(
        "custom(cid=1)".parse::<Profile>().unwrap().name(),
        "kubo-cidv1-legacy"
    );
    assert_eq!(
        "custom(width=175)".parse::<Profile>().unwrap().name(),
        "custom"
    );
}

#[test]
fn parameters_out_of_range_are_refused() {
    let chunk = |bytes| Profile::custom().chunk_size(bytes).build();
    assert_eq!(chunk(0), Err(ProfileError::ChunkSize(0)));
    assert_eq!(chunk(2_096_897), Err(ProfileError::ChunkSize(2_096_897)));
    assert!(chunk(2_096_896).is_ok());
    assert_eq!(
        Profile::custom().width(1).build(),
        Err(ProfileError::Width(1))
    );
    let threshold = Profile::custom().shard_threshold(1 << 21).build();
    assert_eq!(threshold, Err(ProfileError::ShardThreshold(1 << 21)));
    assert_eq!(
        "custom(chunk=0)".parse::<Profile>(),
        Err(ProfileError::ChunkSize(0))
    );
}

#[test]
fn other_texts_are_refused_with_what_is_wrong() {
    for unknown in [
        "",
        "unixfs",
        "UNIXFS-V1-2025",
        "custom",
        "custom(chunk=1",
        " unixfs-v1-2025",
    ] {
        assert_eq!(
            unknown.parse::<Profile>(),
            Err(ProfileError::Unknown(unknown.to_owned()))
        );
    }
    for wrong in [
        "",
        "chunk",
        "chunk=",
        "chunk=-1",
        "cid=2",
        "leaves=Raw",
        "hash=blake3",
    ] {
        let text = format!("custom({wrong})");
        assert_eq!(
            text.parse::<Profile>(),
            Err(ProfileError::Parameter(wrong.to_owned()))
        );
    }
    let repeated = "custom(cid=1,cid=0)".parse::<Profile>();
    assert_eq!(repeated, Err(ProfileError::Parameter("cid=0".to_owned())));
}
