//! Known roots, all proofs of small trees, tiles, and refusals.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use proptest::prelude::*;

use super::*;

/// The leaves and roots of the Certificate Transparency reference tests, used by every
/// implementation of RFC 6962 since.
const LEAVES: [&str; 8] = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
];
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

type Store = HashMap<StoredIndex, Hash>;

/// A tree over `leaf 0`, `leaf 1`, …, with its root at every size.
fn grown(size: u64) -> (Store, Vec<Hash>, Vec<Hash>) {
    let (mut store, mut frontier) = (Store::new(), Frontier::new());
    let (mut leaves, mut roots) = (Vec::new(), vec![EMPTY_ROOT]);
    for index in 0..size {
        let leaf = leaf_hash(format!("leaf {index}").as_bytes());
        for (place, hash) in frontier.append(leaf) {
            assert!(store.insert(place, hash).is_none(), "{place:?} stored twice");
        }
        leaves.push(leaf);
        roots.push(frontier.root());
    }
    (store, leaves, roots)
}

#[test]
fn a_consistency_proof_binds_the_new_root_to_one_old_root() {
    let (store, _, roots) = grown(40);
    let root = |size: u64| roots[usize::try_from(size).unwrap()];
    for new in 2..=40_u64 {
        for old in 1..new {
            let proof = store.consistency_proof(old, new).unwrap();
            let found = old_root_of_proof(old, new, root(new), &proof);
            let expected = (!old.is_power_of_two()).then(|| root(old));
            assert_eq!(found, expected, "{old} to {new}");
            for at in 0..proof.len() {
                let mut changed = proof.clone();
                changed[at] = Hash([1; 32]);
                let found = old_root_of_proof(old, new, root(new), &changed);
                assert_eq!(found, None, "{old} to {new}, hash {at} changed");
            }
            let longer = [&proof[..], &[Hash([1; 32])]].concat();
            assert_eq!(old_root_of_proof(old, new, root(new), &longer), None);
            let shorter = proof.get(1..).unwrap_or_default();
            assert_eq!(old_root_of_proof(old, new, root(new), shorter), None);
        }
    }
    assert_eq!(old_root_of_proof(0, 3, root(3), &[]), None);
    assert_eq!(old_root_of_proof(3, 3, root(3), &[]), None);
}

#[test]
fn the_roots_of_the_reference_tests_are_reproduced() {
    let (mut frontier, mut store) = (Frontier::new(), Store::new());
    assert_eq!(
        frontier.root().to_string(),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
    for (size, (leaf, root)) in (1..).zip(LEAVES.into_iter().zip(ROOTS)) {
        store.extend(frontier.append(leaf_hash(&hex::decode(leaf).unwrap())));
        assert_eq!(frontier.size(), size);
        assert_eq!(frontier.root().to_string(), root);
        assert_eq!(store.root_at(size), Ok(frontier.root()));
        assert_eq!(Frontier::read(size, &store), Ok(frontier.clone()));
    }
    // The audit paths of RFC 6962 section 2.1.3's reference data.
    let hashes = |list: &[&str]| list.iter().map(|text| text.parse().unwrap()).collect::<Vec<_>>();
    assert_eq!(
        store.inclusion_proof(5, 8).unwrap(),
        hashes(&[
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ])
    );
    assert_eq!(
        store.consistency_proof(6, 8).unwrap(),
        hashes(&[
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ])
    );
}

#[test]
fn all_inclusion_proofs_up_to_64_leaves_hold_and_no_altered_one_does() {
    let (store, leaves, roots) = grown(64);
    for size in 1..=64_u64 {
        let root = roots[usize::try_from(size).unwrap()];
        assert_eq!(store.root_at(size), Ok(root));
        for index in 0..size {
            let leaf = leaves[usize::try_from(index).unwrap()];
            let proof = store.inclusion_proof(index, size).unwrap();
            let holds = |leaf, index, size, proof: &[Hash], root| {
                verify_inclusion(leaf, index, size, proof, root).is_ok()
            };
            assert!(holds(leaf, index, size, &proof, root));
            for altered in alterations(&proof) {
                assert!(!holds(leaf, index, size, &altered, root), "{index} of {size}");
            }
            for other in (0..6).map(|bit| index ^ (1 << bit)) {
                assert!(!holds(leaf, other, size, &proof, root), "{index} as {other} of {size}");
            }
            let next = leaves[usize::try_from((index + 1) % 64).unwrap()];
            assert!(!holds(next, index, size, &proof, root));
            assert!(!holds(leaf, index, size, &proof, leaf) || size == 1);
            let places = inclusion_nodes(index, size).unwrap();
            let read_ahead: Store = places.iter().map(|place| (*place, store[place])).collect();
            assert_eq!(read_ahead.inclusion_proof(index, size), Ok(proof));
        }
    }
}

#[test]
fn all_consistency_proofs_up_to_64_leaves_hold_and_no_altered_one_does() {
    let (store, _, roots) = grown(64);
    let root = |size: u64| roots[usize::try_from(size).unwrap()];
    for new in 0..=64_u64 {
        for old in 0..=new {
            let proof = store.consistency_proof(old, new).unwrap();
            let holds = |old_root, new_root, proof: &[Hash]| {
                verify_consistency(old, old_root, new, new_root, proof).is_ok()
            };
            assert!(holds(root(old), root(new), &proof), "{old} to {new}");
            for altered in alterations(&proof) {
                assert!(!holds(root(old), root(new), &altered), "{old} to {new}");
            }
            let wrong = Hash([0xAB; 32]);
            assert!(!holds(wrong, root(new), &proof), "{old} to {new}");
            // Every tree grows out of the empty one.
            assert_eq!(holds(root(old), wrong, &proof), old == 0 && new > 0, "{old} to {new}");
            let places = consistency_nodes(old, new).unwrap();
            let read_ahead: Store = places.iter().map(|place| (*place, store[place])).collect();
            assert_eq!(read_ahead.consistency_proof(old, new), Ok(proof));
        }
    }
}

/// The proof with a bit flipped in each hash, each hash left out, one added at either end, and
/// neighbours exchanged.
fn alterations(proof: &[Hash]) -> Vec<Vec<Hash>> {
    let mut altered = Vec::new();
    for at in 0..proof.len() {
        let mut flipped = proof.to_vec();
        flipped[at].0[at % 32] ^= 1 << (at % 8);
        altered.push(flipped);
        let mut shorter = proof.to_vec();
        shorter.remove(at);
        altered.push(shorter);
        if at > 0 {
            let mut exchanged = proof.to_vec();
            exchanged.swap(at - 1, at);
            altered.push(exchanged);
        }
    }
    for extra in [EMPTY_ROOT, Hash::ZERO, proof.first().copied().unwrap_or(Hash::ZERO)] {
        altered.push([proof, &[extra]].concat());
        altered.push([&[extra], proof].concat());
    }
    altered
}

#[test]
fn indexes_and_sizes_outside_the_tree_are_refused() {
    let (store, leaves, roots) = grown(4);
    let outside = |asked, size| TreeFault::Outside { asked, size };
    assert_eq!(store.inclusion_proof(4, 4), Err(outside(4, 4)));
    assert_eq!(store.consistency_proof(5, 4), Err(outside(5, 4)));
    assert_eq!(verify_inclusion(leaves[0], 0, 0, &[], leaves[0]), Err(outside(0, 0)));
    assert_eq!(verify_consistency(5, roots[4], 4, roots[4], &[]), Err(outside(5, 4)));
    assert_eq!(store.root_at(5), Err(TreeFault::Missing { level: 0, index: 4 }));
    for size in [LARGEST_SIZE + 1, u64::MAX - 1, u64::MAX] {
        assert!(store.root_at(size).is_err());
        assert!(store.inclusion_proof(0, size).is_err());
        assert!(store.consistency_proof(1, size).is_err());
        assert!(hash_tiles_between(0, size).is_err());
        let long = vec![Hash::ZERO; 64];
        assert!(verify_inclusion(leaves[0], 0, size, &long, roots[1]).is_err());
        assert!(verify_inclusion(leaves[0], size - 1, size, &long, roots[1]).is_err());
        assert!(verify_consistency(1, roots[1], size, roots[1], &long).is_err());
        assert!(verify_consistency(size - 1, roots[1], size, roots[1], &long).is_err());
    }
    let endless = vec![Hash::ZERO; 100_000];
    assert_eq!(verify_inclusion(leaves[0], 0, 4, &endless, roots[4]), Err(TreeFault::Proof));
}

#[test]
fn a_store_that_answers_short_is_a_fault_and_no_panic() {
    struct Short;
    impl Nodes for Short {
        fn read(&self, _: &[StoredIndex]) -> Result<Vec<Hash>, TreeFault> {
            Ok(vec![EMPTY_ROOT])
        }
    }
    assert!(matches!(Short.root_at(3), Err(TreeFault::Store(_))));
    assert!(matches!(Short.inclusion_proof(0, 8), Err(TreeFault::Store(_))));
    assert!(matches!(Short.hash_tile_bytes(0, 0, 2), Err(TreeFault::Store(_))));
    assert!(Frontier::read(3, &Short).is_err());
}

#[test]
fn a_frontier_is_saved_and_restored() {
    let (_, leaves, roots) = grown(37);
    let mut frontier = Frontier::new();
    for (size, leaf) in leaves.iter().enumerate() {
        let saved = serde_json::to_string(&frontier).unwrap();
        frontier = serde_json::from_str(&saved).unwrap();
        assert_eq!(frontier.root(), roots[size]);
        frontier.append(*leaf);
    }
    for wrong in [
        r#"{"size":1,"hashes":[]}"#.to_owned(),
        format!(r#"{{"size":2,"hashes":["{EMPTY_ROOT}","{EMPTY_ROOT}"]}}"#),
        format!(r#"{{"size":0,"hashes":["{EMPTY_ROOT}"]}}"#),
        r#"{"size":9007199254740992,"hashes":[]}"#.to_owned(),
    ] {
        assert!(serde_json::from_str::<Frontier>(&wrong).is_err(), "{wrong}");
    }
}

#[test]
fn hashes_have_one_hex_and_one_base64_form() {
    let text = EMPTY_ROOT.to_string();
    assert_eq!(text.parse(), Ok(EMPTY_ROOT));
    assert_eq!(serde_json::to_value(EMPTY_ROOT).unwrap(), text.as_str());
    assert_eq!(Hash::ZERO.to_string(), "0".repeat(64));
    for wrong in [text.to_uppercase(), text[1..].to_owned(), format!("{text}0"), String::new()] {
        assert!(wrong.parse::<Hash>().is_err(), "{wrong}");
    }
    let text = EMPTY_ROOT.to_base64();
    assert_eq!(text, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    assert_eq!(Hash::from_base64(&text), Ok(EMPTY_ROOT));
    for wrong in [&text[..43], "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=", "", "AAAA"] {
        assert!(Hash::from_base64(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn tile_paths_are_those_of_the_specification() {
    for (path, tile) in [
        ("tile/0/x001/x234/067", TilePath::hashes(0, 1_234_067, 256)),
        ("tile/1/000.p/1", TilePath::hashes(1, 0, 1)),
        ("tile/entries/000.p/255", TilePath::entries(0, 255)),
        ("tile/entries/x001/000", TilePath::entries(1000, 256)),
        ("tile/entries/999", TilePath::entries(999, 256)),
        ("tile/6/000.p/3", TilePath::hashes(6, 0, 3)),
    ] {
        let tile = tile.unwrap();
        assert_eq!(tile.to_string(), path);
        assert_eq!(path.parse(), Ok(tile));
    }
    for wrong in [
        "",
        "tile",
        "tile/0",
        "tile/0/",
        "tile/0/1",
        "tile/6/001.p/3",
        "tile/0/0001",
        "tile/0/01",
        "tile/00/001",
        "tile/+0/001",
        "tile/64/000",
        "tile/7/000",
        "tile/256/000",
        "tile/-1/000",
        "tile/8/0/000",
        "tile/data/000",
        "tile/entries/x000/001",
        "tile/entries/000/001",
        "tile/entries/x001/x000",
        "tile/entries/xx001/000",
        "tile/entries/+01",
        "tile/entries/000.p/0",
        "tile/entries/000.p/256",
        "tile/entries/000.p/01",
        "tile/entries/000.p/",
        "tile/entries/000.p/1/",
        "tile/entries/000.p/1.p/1",
        "tile/entries/000.p",
        "/tile/0/000",
        "tile/0/000/",
        "tile/0/x018/x446/x744/x073/x709/x551/616",
        "tile/0/x999/x999/x999/x999/x999/x999/999.p/1",
        "tile/0/x035/x184/x372/x088/832",
    ] {
        assert!(wrong.parse::<TilePath>().is_err(), "{wrong}");
    }
}

#[test]
fn the_tiles_of_a_tree_of_70000_are_those_of_the_specification() {
    let tiles = hash_tiles_between(0, 70_000).unwrap();
    assert!(tiles.iter().all(|tile| tile.is_within(70_000)));
    let of = |level, full| {
        tiles.iter().filter(|t| t.level() == level && t.is_full() == full).collect::<Vec<_>>()
    };
    assert_eq!((of(0, true).len(), of(1, true).len(), of(2, true).len()), (273, 1, 0));
    let partial = |level| of(level, false).iter().map(|tile| tile.width()).collect::<Vec<_>>();
    assert_eq!((partial(0), partial(1), partial(2)), (vec![112], vec![17], vec![1]));
    assert_eq!(tiles.len(), 273 + 1 + 1 + 1 + 1);
    let bundles = entry_tiles_between(0, 70_000).unwrap();
    assert_eq!(bundles.len(), 274);
    assert!(!TilePath::entries(273, 113).unwrap().is_within(70_000));
    assert!(TilePath::entries(273, 112).unwrap().is_within(70_000));
    assert!(!TilePath::hashes(1, 1, 18).unwrap().is_within(70_000));
    let paths = |old, new| {
        let tiles = hash_tiles_between(old, new).unwrap();
        tiles.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(paths(0, 256), ["tile/0/000", "tile/1/000.p/1"]);
    assert_eq!(paths(256, 256), Vec::<String>::new());
    assert_eq!(paths(255, 257), ["tile/0/000", "tile/0/001.p/1", "tile/1/000.p/1"]);
}

#[test]
fn hash_tiles_hold_the_subtrees_in_order() {
    let (store, leaves, roots) = grown(600);
    let tile = store.hash_tile_bytes(0, 1, 256).unwrap();
    assert_eq!(tile.len(), 8192);
    assert_eq!(tile[..32], leaves[256].0);
    assert_eq!(tile[8160..], leaves[511].0);
    let top = store.hash_tile_bytes(1, 0, 2).unwrap();
    assert_eq!(top.len(), 64);
    assert_eq!(top[..32], roots[256].0);
    assert_eq!(top[32..], tlog_tiles::tile::Tile::subtree_hash(&tile).0);
    assert!(matches!(store.hash_tile_bytes(0, 2, 89), Err(TreeFault::Missing { .. })));
    assert!(matches!(store.hash_tile_bytes(1, 0, 3), Err(TreeFault::Missing { .. })));
    for (level, n, width) in [(0, 0, 0), (0, 0, 257), (7, 0, 1), (255, 0, 1), (0, u64::MAX, 1)] {
        assert!(matches!(store.hash_tile_bytes(level, n, width), Err(TreeFault::TilePath(_))));
    }
}

#[test]
fn bundles_are_parted_only_as_they_were_joined() {
    let long = vec![b'x'; 65_535];
    let entries: [&[u8]; 3] = [b"{}", b"a", &long];
    let bundle = encode_bundle(entries).unwrap();
    assert_eq!(bundle[..5], *b"\0\x02{}\0");
    assert_eq!(parse_bundle(&bundle, 3).unwrap(), entries);
    for width in [0, 1, 2, 4, 256] {
        assert!(parse_bundle(&bundle, width).is_err(), "{width}");
    }
    for cut in 0..8 {
        assert!(parse_bundle(&bundle[..cut], 3).is_err(), "{cut}");
    }
    assert!(parse_bundle(&bundle[..bundle.len() - 1], 3).is_err());
    assert!(parse_bundle(&[&bundle[..], b"\0"].concat(), 3).is_err());
    assert_eq!(parse_bundle(b"\0\0", 1), Err(TreeFault::EntryLength(0)));
    assert_eq!(encode_bundle([&b""[..]]), Err(TreeFault::EntryLength(0)));
    let longer = vec![b'x'; 65_536];
    assert_eq!(encode_bundle([&longer[..]]), Err(TreeFault::EntryLength(65_536)));
}

proptest! {
    #[test]
    fn garbage_is_refused_without_a_panic(
        text in ".{0,60}", path in "tile/[0-9a-z]{1,7}(/x?[0-9]{0,4}){1,6}(.p/[0-9]{0,4})?",
        bytes in prop::collection::vec(any::<u8>(), 0..200), width in 0..300_u16
    ) {
        let _ = text.parse::<Hash>();
        let _ = Hash::from_base64(&text);
        prop_assert!(text.parse::<TilePath>().is_err());
        if let Ok(read) = path.parse::<TilePath>() {
            prop_assert_eq!(read.to_string(), path);
        }
        if let Ok(entries) = parse_bundle(&bytes, width) {
            prop_assert_eq!(encode_bundle(entries).unwrap(), bytes);
        }
    }

    #[test]
    fn wild_proofs_are_refused_without_a_panic(
        index in any::<u64>(), size in any::<u64>(), length in 0..70_usize
    ) {
        let proof = vec![Hash([7; 32]); length];
        prop_assert!(verify_inclusion(Hash([1; 32]), index, size, &proof, Hash([2; 32])).is_err());
        let consistent =
            verify_consistency(index, Hash([1; 32]), size, Hash([2; 32]), &proof);
        prop_assert!(consistent.is_err());
    }

    #[test]
    fn tile_paths_are_read_as_written(
        level in 0..7_u8, index in 0..2_u64.pow(50), width in 1..=256_u16
    ) {
        let tiles = [TilePath::hashes(level, index, width), TilePath::entries(index, width)];
        for tile in tiles.into_iter().flatten() {
            prop_assert_eq!(tile.to_string().parse(), Ok(tile));
        }
    }
}
