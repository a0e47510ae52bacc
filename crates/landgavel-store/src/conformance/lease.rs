//! The lease and its fences.

use super::{LONG_MS, NOW_MS, Place, all, batch, begun, sale};
use crate::fault::Fault;
use crate::journal::{AppendError, Head, PublishError};
use crate::lease::{LeaseError, MAX_LEASE_MS};

/// While one holds the lease, another gets none; after its release, another does, with a higher fence.
pub async fn one_holds_the_lease(place: &impl Place) {
    let store = place.open().await;
    let (sale, first) = begun(&store, "s").await;
    assert_eq!(store.take(&sale, "b", NOW_MS, LONG_MS).await.unwrap(), None);
    let lease = store.lease(&sale).await.unwrap();
    assert_eq!(lease.fence, first.number());
    assert_eq!(lease.held.map(|(holder, _)| holder).as_deref(), Some("a"));
    store.release(&first).await.unwrap();
    assert_eq!(store.lease(&sale).await.unwrap().held, None);
    let second = store.take(&sale, "b", NOW_MS, LONG_MS).await.unwrap().unwrap();
    assert!(second.number() > first.number());
    assert_eq!(store.take(&sale, "a", NOW_MS, LONG_MS).await.unwrap(), None);
}

/// A lease lapses unless it is renewed.
pub async fn a_lease_lapses_unless_renewed(place: &impl Place) {
    // Long against what a busy machine takes between two lines of this function.
    const LENGTH_MS: i64 = 50_000;
    let store = place.open().await;
    let sale = sale("s");
    store.create(&sale, Vec::new()).await.unwrap();
    let now_ms = place.let_pass(0).await;
    let first = store.take(&sale, "a", now_ms, LENGTH_MS).await.unwrap().unwrap();
    let now_ms = place.let_pass(30_000).await;
    store.renew(&first, now_ms).await.unwrap();
    let now_ms = place.let_pass(30_000).await;
    assert_eq!(store.take(&sale, "b", now_ms, LENGTH_MS).await.unwrap(), None);
    let now_ms = place.let_pass(50_001).await;
    // It has lapsed, but nobody has taken it: its holder may still write, and may hold on to it.
    let head = store.append(&first, Head::EMPTY, batch(&[b"a"])).await.unwrap();
    let second = store.take(&sale, "b", now_ms, LENGTH_MS).await.unwrap().unwrap();
    assert!(second.number() > first.number());
    let by = second.number();
    assert_eq!(store.renew(&first, now_ms).await, Err(LeaseError::Fenced { by }));
    assert_eq!(store.append(&first, head, batch(&[b"b"])).await, Err(AppendError::Fenced { by }));
}

/// Who asks again under its own name, as after a crash, gets a new fence at once, and the old one is out.
pub async fn a_restarted_holder_takes_its_lease_again(place: &impl Place) {
    let store = place.open().await;
    let (sale, first) = begun(&store, "s").await;
    let second = store.take(&sale, "a", NOW_MS, LONG_MS).await.unwrap().unwrap();
    let by = second.number();
    assert!(by > first.number());
    assert_eq!(store.append(&first, Head::EMPTY, batch(&[b"a"])).await, Err(AppendError::Fenced { by }));
    store.append(&second, Head::EMPTY, batch(&[b"b"])).await.unwrap();
    assert_eq!(all(&store, &sale).await, [b"b"]);
}

/// An old fence writes nothing, publishes nothing, renews and releases nothing.
pub async fn an_old_fence_is_shut_out(place: &impl Place) {
    let store = place.open().await;
    let (sale, old) = begun(&store, "s").await;
    let head = store.append(&old, Head::EMPTY, batch(&[b"a"])).await.unwrap();
    store.release(&old).await.unwrap();
    let by = store.lease(&sale).await.unwrap().fence;
    assert!(by > old.number(), "a released fence is shut out before anybody takes the next one");
    assert_eq!(store.append(&old, head, batch(&[b"b"])).await, Err(AppendError::Fenced { by }));
    let new = store.take(&sale, "b", NOW_MS, LONG_MS).await.unwrap().unwrap();
    let by = new.number();
    // Fenced is told before the head is: the old writer must stop, not try again.
    assert_eq!(store.append(&old, Head::EMPTY, batch(&[b"b"])).await, Err(AppendError::Fenced { by }));
    assert_eq!(store.publish(&old, 1, "one").await, Err(PublishError::Fenced { by }));
    assert_eq!(store.renew(&old, NOW_MS).await, Err(LeaseError::Fenced { by }));
    assert_eq!(store.release(&old).await, Err(LeaseError::Fenced { by }));
    store.append(&new, head, batch(&[b"c"])).await.unwrap();
    assert_eq!(all(&store, &sale).await, [b"a", b"c"]);
}

/// Of many that take at once one gets the lease, and its fence is alone.
pub async fn one_of_many_takers_wins(place: &impl Place) {
    let store = place.open().await;
    let sale = sale("s");
    store.create(&sale, Vec::new()).await.unwrap();
    let tries: Vec<_> = (0..16)
        .map(|number| {
            let (store, sale) = (store.clone(), sale.clone());
            tokio::spawn(async move { store.take(&sale, &format!("node-{number}"), NOW_MS, LONG_MS).await.unwrap() })
        })
        .collect();
    let mut fences = Vec::new();
    for task in tries {
        fences.extend(task.await.unwrap());
    }
    let [fence] = &fences[..] else { panic!("{fences:?}") };
    assert_eq!(store.lease(&sale).await.unwrap().fence, fence.number());
}

/// Each sale has a lease of its own.
pub async fn leases_of_sales_are_apart(place: &impl Place) {
    let store = place.open().await;
    let (one, fence) = begun(&store, "one").await;
    let two = sale("two");
    store.create(&two, Vec::new()).await.unwrap();
    let other = store.take(&two, "b", NOW_MS, LONG_MS).await.unwrap().unwrap();
    store.append(&fence, Head::EMPTY, batch(&[b"a"])).await.unwrap();
    store.append(&other, Head::EMPTY, batch(&[b"b"])).await.unwrap();
    assert_eq!((all(&store, &one).await, all(&store, &two).await), (vec![b"a".to_vec()], vec![b"b".to_vec()]));
    for length_ms in [0, -1, MAX_LEASE_MS + 1] {
        let refused = store.take(&one, "a", NOW_MS, length_ms).await;
        assert!(matches!(refused, Err(Fault::Limit { .. })), "{refused:?}");
    }
}
