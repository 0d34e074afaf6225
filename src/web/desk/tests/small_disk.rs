//! A disk that is full, and has room again: a clear page, reading works, no restart.
//!
//! The disk is a small file system in memory in a mount namespace of its own (`unshare`, Linux);
//! where that is not allowed the test says that it was left out.

use std::io::Write as _;
use std::process::Command;

use super::*;

const CHILD: &str = "web::desk::tests::small_disk::child_on_a_small_disk";

/// Not a test by itself: it fills the disk on which it finds itself.
#[rocket::async_test]
#[ignore = "started on a small disk by the test beside it"]
async fn child_on_a_small_disk() {
    let disk = std::env::temp_dir();
    assert!(std::env::var_os("MINHBACH_SMALL_DISK").is_some(), "this would fill {disk:?}");
    let house = House::founded().await;
    house.sign_in(TREASURER).await;
    house.slip("/ban/phieu-thu", "", &gift("1000000")).await;
    let ballast = disk.join("ballast");
    let fill = || {
        let mut file =
            std::fs::OpenOptions::new().create(true).append(true).open(&ballast).unwrap();
        while file.write_all(&[7; 4096]).is_ok() {}
        while file.write_all(&[7]).is_ok() {}
    };
    let send = async |step: &str| {
        let id = crate::web::desk::slip::new_id().to_string();
        let mut form = gift("2000");
        form.extend([("id", id.as_str()), ("step", step)]);
        house.post("/ban/phieu-thu", &house.token_of("/ban/phieu-thu"), &form).await
    };
    let mut recorded = house.written().await.0;
    // The log in front of the database has some room left from before.
    let html = loop {
        fill();
        let (status, html) = send("record").await;
        if status == Status::ServiceUnavailable {
            break html;
        }
        assert_eq!(status, Status::SeeOther, "{html}");
        recorded += 1;
    };
    assert!(html.contains("<title>Lỗi: ") && html.contains("Ổ đĩa"), "{html}");
    assert!(html.contains("Nguyễn Thị Hạnh") && html.contains("2000"), "typed text is lost");
    assert_eq!(house.written().await.0, recorded);
    fill();
    let id = crate::web::desk::slip::new_id().to_string();
    let mut form = gift("2000");
    form.extend([("id", id.as_str()), ("step", "record")]);
    let token = house.token_of("/ban/phieu-thu");
    let response = house.post_raw("/ban/phieu-thu", &token, &form).await;
    assert_eq!(response.status(), Status::ServiceUnavailable);
    assert!(response.headers().get_one("Retry-After").is_some(), "when to try again");
    // Reading goes on, also where a session would have to be kept awake.
    house.clock.set("2026-11-20T03:05:00Z".parse().unwrap());
    for uri in ["/ban/viec", "/ban/so-quy/cash", "/xuan-tay", "/xuan-tay/cong-khai"] {
        let (status, html) = house.get(uri).await;
        assert_eq!(status, Status::Ok, "{uri}: {html}");
    }
    // A draft, and a sign-in, can't be kept either: the same clear words.
    let token = house.token_of("/ban/chi-phi");
    let (status, html) = loop {
        fill();
        let mut draft = cost("1000");
        let id = crate::web::desk::slip::new_id().to_string();
        draft.extend([("id", id.as_str()), ("step", "record")]);
        let answer = house.post("/ban/chi-phi", &token, &draft).await;
        if answer.0 != Status::SeeOther {
            break answer;
        }
    };
    assert!(status == Status::ServiceUnavailable && html.contains("Ổ đĩa"), "{status}: {html}");
    assert!(html.contains("Nhà in Xuân Tây"), "typed text is lost");
    std::fs::remove_file(&ballast).unwrap();
    let (status, to) = send("record").await;
    let (chapter, _) = house.chapter();
    assert_eq!(status, Status::SeeOther, "{:?}: {to}", house.store().standing(chapter));
    assert_eq!(house.written().await.0, recorded + 1);
    let findings = house.store().check(chapter).await.unwrap();
    assert!(findings.is_clean(), "{findings}");
    println!("the small disk was full and is not");
}

#[test]
fn a_full_disk_is_said_reading_goes_on_and_room_is_enough_to_go_on() {
    let place = tempfile::tempdir().unwrap();
    let script = "mount -t tmpfs -o size=8m none \"$1\" || exit 77
        export TMPDIR=\"$1\" MINHBACH_SMALL_DISK=1
        exec \"$2\" --ignored --exact \"$3\" --nocapture";
    let child = Command::new("unshare")
        .args(["--map-root-user", "--mount", "sh", "-c", script, "sh"])
        .arg(place.path())
        .arg(std::env::current_exe().unwrap())
        .arg(CHILD)
        .output();
    let allowed = child.as_ref().is_ok_and(|child| {
        let said = String::from_utf8_lossy(&child.stderr);
        child.status.code() != Some(77) && !said.contains("unshare: ")
    });
    if !allowed {
        eprintln!("left out: no mount namespace may be made here ({child:?})");
        return;
    }
    let child = child.unwrap();
    let said = String::from_utf8_lossy(&child.stdout).into_owned();
    let failed = String::from_utf8_lossy(&child.stderr).into_owned();
    assert!(child.status.success(), "{said}{failed}");
    assert!(said.contains("the small disk was full and is not"), "{said}{failed}");
}
