//! The suite on each driver, and generated commands against the model.

use landgavel_store::conformance::{self, Step, agrees_with_the_model};
use proptest::prelude::*;

use crate::places::{PostgresPlace, SqlitePlace};

/// One test for each function of the suite, so that each is told by its name.
macro_rules! suite {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::conformance::$name(&super::SqlitePlace::new()).await;
            })*
        }

        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let Some(place) = super::PostgresPlace::new().await else { return };
                super::conformance::$name(&place).await;
            })*
        }
    };
}

suite! {
    a_sale_is_created_once,
    an_unknown_sale_is_named,
    entries_come_back_byte_for_byte,
    a_moved_head_writes_nothing,
    one_of_many_appends_at_one_head_wins,
    sales_are_independent,
    limits_are_kept,
    readings_are_bounded,
    checkpoints_rise,
    what_was_acknowledged_is_there_after_opening_again,
    followers_see_the_head_grow,
    one_holds_the_lease,
    a_lease_lapses_unless_renewed,
    a_restarted_holder_takes_its_lease_again,
    an_old_fence_is_shut_out,
    one_of_many_takers_wins,
    leases_of_sales_are_apart,
    keys_are_scanned_in_the_order_of_their_bytes,
    keys_are_removed,
    an_append_changes_the_shelf_with_it,
    keys_have_limits,
    records_have_versions,
    one_of_many_changes_of_a_record_wins,
    records_are_listed_by_id,
    what_is_erased_leaves_a_tombstone,
    reading_an_identity_leaves_a_trace,
    documents_are_kept_once,
    records_have_limits,
    nothing_is_lost_when_room_is_given_back,
}

fn step() -> impl Strategy<Value = Step> {
    let entry = prop::collection::vec(any::<u8>(), 0..20);
    let change = (0..8u8, prop::option::weighted(0.7, any::<u8>()));
    prop_oneof![
        1 => (0..3u8).prop_map(|sale| Step::Create { sale }),
        2 => (0..3u8, 0..2u8).prop_map(|(sale, holder)| Step::Take { sale, holder }),
        1 => any::<u8>().prop_map(|fence| Step::Release { fence }),
        6 => (any::<u8>(), prop_oneof![3 => Just(0u8), 1 => 0..3u8], prop::collection::vec(entry, 0..4),
              prop::collection::vec(change, 0..4))
            .prop_map(|(fence, behind, entries, shelf)| Step::Append { fence, behind, entries, shelf }),
        2 => (any::<u8>(), 0..12u8).prop_map(|(fence, size)| Step::Publish { fence, size }),
        1 => (0..4u8).prop_map(|prefix| Step::Clear { prefix }),
        1 => Just(Step::Reopen),
    ]
}

/// Runs that begin with a sale and its lease, or little would follow.
fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step(), 0..40).prop_map(|rest| {
        let mut steps = vec![Step::Create { sale: 0 }, Step::Take { sale: 0, holder: 0 }];
        steps.extend(rest);
        steps
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn any_commands_are_answered_in_sqlite_as_by_the_model(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(agrees_with_the_model(&SqlitePlace::new(), &steps));
    }

}

proptest! {
    // A database is made for each.
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn any_commands_are_answered_in_postgres_as_by_the_model(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(async {
            let Some(place) = PostgresPlace::new().await else { return };
            agrees_with_the_model(&place, &steps).await;
        });
    }
}
