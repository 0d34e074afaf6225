//! Keeping and waiting, without a site.

#![allow(clippy::unwrap_used)]

use std::time::Duration;

use super::*;

const NOW: Moment = Moment { store: 1, mirrors: 0, cosigning: 0, minute: 7 };

fn asked(query: &str) -> Asked<'_> {
    Asked::new("/xuan-tay", Some(query), Language::Vietnamese).unwrap()
}

fn answer(moment: Moment, length: usize) -> Arc<Kept> {
    let headers = vec![("Content-Type".to_owned(), "application/pdf".to_owned())];
    Arc::new(Kept::new(moment, headers, vec![b'x'; length]).unwrap())
}

fn make(found: Found) -> Ticket {
    match found {
        Found::Make(ticket) => ticket,
        Found::Kept(_) => panic!("kept"),
    }
}

#[rocket::async_test]
async fn an_answer_is_kept_for_its_moment_its_query_and_its_language() {
    let cache = Cache::new(USUAL_SIZE).unwrap();
    let ticket = make(cache.find(asked("ky=2026"), NOW).await);
    ticket.keep(&answer(NOW, 10));
    ticket.end();
    assert!(matches!(cache.find(asked("ky=2026"), NOW).await, Found::Kept(_)));
    make(cache.find(asked("ky=2027"), NOW).await);
    let english = Asked { language: Language::English, ..asked("ky=2026") };
    make(cache.find(english, NOW).await);
    for later in [
        Moment { store: 2, ..NOW },
        Moment { mirrors: 1, ..NOW },
        Moment { cosigning: 1, ..NOW },
        Moment { minute: 8, ..NOW },
        Moment { minute: 6, ..NOW },
    ] {
        make(cache.find(asked("ky=2026"), later).await);
    }
    assert_eq!((cache.counts().made, cache.counts().served), (1, 1));
}

#[rocket::async_test]
async fn who_waits_gets_the_answer_and_is_not_left_waiting_when_there_is_none() {
    let cache = Cache::new(USUAL_SIZE).unwrap();
    let (kept, dropped) = ("kept", "dropped");
    for query in [kept, dropped] {
        let ticket = make(cache.find(asked(query), NOW).await);
        let waiting: Vec<_> = (0..20)
            .map(|_| {
                let cache = cache.clone();
                tokio::spawn(async move { cache.find(asked(query), NOW).await })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(waiting.iter().all(|waiting| !waiting.is_finished()));
        if query == kept {
            ticket.keep(&answer(NOW, 10));
        }
        drop(ticket);
        for waiting in waiting {
            let found = waiting.await.unwrap();
            assert_eq!(matches!(found, Found::Kept(_)), query == kept);
        }
    }
    // A newer state does not wait for an older one.
    let older = make(cache.find(asked("both"), NOW).await);
    let newer = make(cache.find(asked("both"), Moment { store: 2, ..NOW }).await);
    drop(older);
    assert_eq!(cache.0.under_way.lock().unwrap().len(), 1);
    drop(newer);
    assert!(cache.0.under_way.lock().unwrap().is_empty());
}

#[rocket::async_test]
async fn odd_queries_fill_no_more_than_the_room_and_long_ones_are_not_kept() {
    let room = 1024 * 1024;
    let cache = Cache::new(room).unwrap();
    for number in 0..2_000 {
        let query = format!("x={number}");
        let ticket = make(cache.find(asked(&query), NOW).await);
        ticket.keep(&answer(NOW, 8_000));
        ticket.end();
    }
    let counts = cache.counts();
    assert!(counts.bytes <= room && counts.bytes > room / 4, "{counts:?}");
    let long = "x".repeat(LONGEST_ADDRESS);
    assert_eq!(Asked::new("/xuan-tay", Some(&long), Language::English), None);
    assert!(Cache::new(0).unwrap().largest() == 0);
}

#[rocket::async_test]
async fn what_is_over_leaves_the_memory_with_the_next_minute() {
    let cache = Cache::new(USUAL_SIZE).unwrap();
    for number in 0..50 {
        let query = format!("x={number}");
        make(cache.find(asked(&query), NOW).await).keep(&answer(NOW, 8_000));
    }
    assert!(cache.counts().bytes > 50 * 8_000);
    let later = Moment { minute: 8, ..NOW };
    make(cache.find(asked("later"), later).await).keep(&answer(later, 8_000));
    assert!(cache.counts().bytes < 2 * 10_000, "{:?}", cache.counts());
}
