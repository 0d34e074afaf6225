//! The connection to PostgreSQL is cut at every message of a write, before it and behind it; the
//! server goes away and comes back; somebody else holds the chapter's lock. Each gift is recorded
//! once, whoever sends it again.

use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait as _, TransactionTrait as _};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use crate::house::cluster::Cluster;
use crate::house::fleet::{
    Answer, FOUNDING, Instance, Officer, Visitor, done, found_all, origin, program,
};
use crate::house::proxy::Proxy;

const SLUGS: [&str; 2] = ["xuan-tay", "xuan-dong"];
/// More messages than a write has.
const MOST: usize = 200;
/// The longest time until somebody is told to come again.
const PATIENCE: Duration = Duration::from_secs(45);

/// How large a run is.
#[derive(Clone, Copy)]
pub struct Scale {
    /// Every so many messages of a write are cut.
    pub every: usize,
    /// How long somebody else holds the lock.
    pub held: Duration,
    /// How long nothing comes through.
    pub shut: Duration,
}

impl Scale {
    /// For the usual run of the tests.
    pub const SMALL: Self =
        Self { every: 4, held: Duration::from_secs(1), shut: Duration::from_millis(300) };
    const WHOLE: Self =
        Self { every: 1, held: Duration::from_secs(60), shut: Duration::from_secs(40) };
}

#[test]
#[ignore = "a drill: ./drill cuts"]
fn a_write_that_is_cut_anywhere_is_recorded_once() {
    run(Scale::WHOLE);
}

/// A server behind a door.
struct House {
    cluster: Cluster,
    door: Proxy,
    server: Instance,
    runtime: tokio::runtime::Runtime,
    _keys: TempDir,
}

fn house() -> Option<House> {
    let cluster = Cluster::start(&[])?;
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let keys = TempDir::new().unwrap();
    let door = runtime.block_on(async {
        let url = cluster.database("so").await;
        found_all(keys.path(), &url, &SLUGS).await;
        Proxy::to(&cluster.address()).await
    });
    let url = cluster.url("so").replace(&cluster.address(), &door.address());
    let server = Instance::started(&keys.path().join("keys"), &url, &[]);
    Some(House { cluster, door, server, runtime, _keys: keys })
}

/// The whole run.
pub fn run(scale: Scale) {
    let Some(house) = house() else { return };
    let mut officer = Officer::sign_in(&house.server.address, SLUGS[0]);
    let mut next = FOUNDING;
    for heard in [false, true] {
        next = every_message(scale, &house, &mut officer, heard, next);
    }
    next = again_and_again(&house, &mut officer, next);
    next = nothing_comes_through(scale, &house, &mut officer, next);
    lock_is_held(scale, &house, &mut officer, next);
    let House { mut server, cluster, .. } = house;
    server.stop();
    let copy = server.data().join("copy");
    let mut export = program(&server.data(), &cluster.url("so"));
    export.arg("export").arg(SLUGS[0]).arg(&copy);
    done(export);
    let mut verify = program(&server.data(), &cluster.url("so"));
    verify.arg("verify").arg(&copy);
    done(verify);
}

fn id() -> String {
    uuid::Uuid::now_v7().to_string()
}

/// Sends a gift until it is recorded, and once more: both times it is there.
fn recorded_once(house: &House, officer: &mut Officer, id: &str, next: u64, what: &str) {
    let (server, begun) = (&house.server.address, Instant::now());
    loop {
        match officer.give(server, id) {
            Answer::Recorded(seq) => {
                assert_eq!(seq, next, "{what}");
                break;
            }
            Answer::NotNow if begun.elapsed() < PATIENCE => {}
            other => panic!("{what}: {other:?}\n{}", house.server.log()),
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(officer.give(server, id), Answer::Recorded(next), "{what}, sent again");
}

/// One write after another is cut one message later.
fn every_message(
    scale: Scale,
    house: &House,
    officer: &mut Officer,
    heard: bool,
    mut next: u64,
) -> u64 {
    let (mut cut, begun) = (0, Instant::now());
    for at in (0..MOST).step_by(scale.every) {
        house.door.cut(at, heard, 1);
        recorded_once(house, officer, &id(), next, &format!("cut at {at}, heard: {heard}"));
        next += 1;
        if house.door.not_cut() > 0 {
            break;
        }
        cut += 1;
    }
    assert!(cut * scale.every >= 8, "a write has more messages than {cut}");
    let where_ = if heard { "behind" } else { "before" };
    println!("cuts: {cut} writes cut {where_} one message each, in {:.1?}", begun.elapsed());
    next
}

/// Who is cut off every time is told to come again, and recorded when it is over.
fn again_and_again(house: &House, officer: &mut Officer, next: u64) -> u64 {
    for heard in [false, true] {
        house.door.cut(2, heard, usize::MAX);
        let (id, begun) = (id(), Instant::now());
        assert_eq!(officer.give(&house.server.address, &id), Answer::NotNow);
        assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
        house.door.not_cut();
        recorded_once(house, officer, &id, next + u64::from(heard), "cut off every time");
    }
    next + 2
}

/// The database is away for a while.
fn nothing_comes_through(scale: Scale, house: &House, officer: &mut Officer, next: u64) -> u64 {
    house.door.shut(true);
    let (id, begun) = (id(), Instant::now());
    let mut refused = 0;
    while begun.elapsed() < scale.shut {
        let asked = Instant::now();
        assert_eq!(officer.give(&house.server.address, &id), Answer::NotNow);
        assert!(asked.elapsed() < PATIENCE, "{:?}", asked.elapsed());
        refused += 1;
        std::thread::sleep(Duration::from_millis(50));
    }
    let (status, said) = Visitor::new().get(&house.server.address, "/readyz").unwrap();
    assert!(status == 503 && said.contains("database: away"), "{said}");
    house.door.shut(false);
    let begun = Instant::now();
    recorded_once(house, officer, &id, next, "shut");
    println!("cuts: away, {refused} refused, recorded {:.1?} after it", begun.elapsed());
    next + 1
}

/// Somebody else holds the chapter's lock: the others record, and this one is told.
fn lock_is_held(scale: Scale, house: &House, officer: &mut Officer, next: u64) {
    let server = house.server.address.clone();
    let mut other = Officer::sign_in(&server, SLUGS[1]);
    let digest = Sha256::digest(origin(SLUGS[0]).as_str());
    let lock = i64::from_be_bytes(digest[..8].try_into().unwrap());
    let holder = house.runtime.block_on(async {
        let rows = house.cluster.rows("so").await;
        let held = rows.begin().await.unwrap();
        let take = format!("SELECT pg_advisory_xact_lock({lock})");
        held.execute_unprepared(&take).await.unwrap();
        held
    });
    let (id, begun) = (id(), Instant::now());
    let waiting = std::thread::spawn({
        let (mut officer, id, server) = (officer.clone(), id.clone(), server.clone());
        move || (officer.give(&server, &id), begun.elapsed())
    });
    assert!(matches!(other.give(&server, &self::id()), Answer::Recorded(_)));
    let (status, _) = Visitor::new().get(&server, &format!("/{}/checkpoint", SLUGS[0])).unwrap();
    assert_eq!(status, 200);
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    std::thread::sleep(scale.held.saturating_sub(begun.elapsed()));
    house.runtime.block_on(holder.rollback()).unwrap();
    let (answer, took) = waiting.join().unwrap();
    if scale.held > PATIENCE {
        assert_eq!(answer, Answer::NotNow);
        assert!(took < PATIENCE, "{took:?}");
        println!("cuts: lock held {:?}, told to come again after {took:.1?}", scale.held);
    } else {
        assert_eq!(answer, Answer::Recorded(next));
    }
    recorded_once(house, officer, &id, next, "the lock was held");
}
