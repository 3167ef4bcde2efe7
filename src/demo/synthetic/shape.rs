//! The shape of synthetic data: which states act, how often, on whom, when, and how certain it is. The weights imitate
//! public lists and event datasets: a few states do most, most events are recent, and most are statements.

use chrono::{Datelike, Days, NaiveDate};
use rand::RngExt;
use rand::distr::weighted::WeightedIndex;
use rand::rngs::StdRng;

/// States by activity, the most active first; the others follow by code.
pub const ACTIVE: [&str; 30] = [
    "US", "RU", "CN", "IL", "GB", "IR", "TR", "UA", "FR", "DE", "IN", "PK", "SY", "SA", "JP", "KR", "KP",
    "IQ", "EG", "PL", "VE", "CO", "BR", "AU", "CA", "TW", "YE", "LB", "AF", "CU",
];

/// States that impose sanctions, with their share in percent.
pub const IMPOSERS: [(&str, u32); 12] = [
    ("US", 42),
    ("GB", 14),
    ("FR", 6),
    ("CH", 8),
    ("CA", 7),
    ("AU", 4),
    ("JP", 4),
    ("UA", 8),
    ("RU", 4),
    ("CN", 1),
    ("IR", 1),
    ("DE", 1),
];

/// Countries of the targets, with their weights.
pub const TARGETED: [(&str, u32); 21] = [
    ("RU", 30),
    ("IR", 13),
    ("CN", 7),
    ("SY", 6),
    ("BY", 5),
    ("KP", 5),
    ("VE", 4),
    ("IQ", 4),
    ("LY", 3),
    ("MM", 3),
    ("AF", 3),
    ("CO", 2),
    ("MX", 2),
    ("CU", 2),
    ("LB", 2),
    ("YE", 2),
    ("CD", 2),
    ("SD", 2),
    ("ZW", 1),
    ("AE", 1),
    ("TR", 1),
];

/// Countries of the targets of counter-sanctions.
pub const COUNTERED: [(&str, u32); 8] = [
    ("US", 45),
    ("GB", 15),
    ("DE", 8),
    ("CA", 10),
    ("FR", 6),
    ("AU", 6),
    ("JP", 5),
    ("PL", 5),
];

/// States that respond to sanctions with sanctions.
pub const ANSWERS: [&str; 3] = ["RU", "CN", "IR"];

pub const TARGET_KINDS: [(&str, u32); 7] = [
    ("person", 48),
    ("company", 34),
    ("vessel", 9),
    ("organization", 6),
    ("armed_group", 1),
    ("aircraft", 1),
    ("group", 1),
];

pub const MEASURES: [(&str, u32); 8] = [
    ("asset_freeze", 55),
    ("travel_ban", 18),
    ("financial_restriction", 8),
    ("export_control", 7),
    ("transport_restriction", 5),
    ("sectoral", 3),
    ("arms_embargo", 3),
    ("investment_ban", 1),
];

pub const GROUNDS: [(&str, u32); 10] = [
    ("territorial_integrity", 28),
    ("terrorism", 16),
    ("narcotics", 14),
    ("proliferation", 13),
    ("human_rights", 11),
    ("undermining_democracy", 7),
    ("corruption", 5),
    ("cyber", 3),
    ("sanctions_evasion", 2),
    ("organised_crime", 1),
];

pub const OBJECTIVES: [(&str, u32); 6] = [
    ("policy_change", 35),
    ("end_war", 25),
    ("terrorism", 15),
    ("human_rights", 15),
    ("democracy", 7),
    ("destab_regime", 3),
];

pub const CLAIM_STATUSES: [(&str, u32); 7] = [
    ("reported", 600),
    ("corroborated", 160),
    ("confirmed", 150),
    ("unconfirmed", 60),
    ("disputed", 15),
    ("denied", 10),
    ("retracted", 5),
];

pub const MODALITIES: [(&str, u32); 5] = [
    ("actual", 905),
    ("alleged", 45),
    ("threatened", 25),
    ("planned", 20),
    ("hypothetical", 5),
];

pub const RELIABILITIES: [(&str, u32); 5] = [("A", 10), ("B", 40), ("C", 30), ("D", 10), ("F", 10)];
pub const CREDIBILITIES: [(&str, u32); 6] = [("1", 10), ("2", 45), ("3", 25), ("4", 8), ("5", 2), ("6", 10)];

/// Bodies of a state, busiest first.
pub const BODIES: [(&str, &str, &str); 8] = [
    ("Foreign Ministry", "government_body", "agency_of"),
    ("Treasury", "government_body", "agency_of"),
    ("Armed Forces", "military_unit", "force_of"),
    ("Ministry of Trade", "government_body", "agency_of"),
    ("Intelligence Service", "government_body", "agency_of"),
    ("Parliament", "government_body", "part_of"),
    ("Navy", "military_unit", "force_of"),
    ("Interior Ministry", "government_body", "agency_of"),
];

/// The first and the last day of the data.
pub const FIRST: NaiveDate = NaiveDate::from_ymd_opt(1990, 1, 1).expect("1990 has a first day");
pub const LAST: NaiveDate = NaiveDate::from_ymd_opt(2025, 12, 31).expect("2025 has a last day");

/// CAMEO root codes, with their share of a thousand events.
fn weight_of_root(root: &str) -> u32 {
    match root {
        "01" => 160,
        "02" => 70,
        "03" => 80,
        "04" => 280,
        "05" => 80,
        "06" => 20,
        "07" => 25,
        "08" => 25,
        "09" => 15,
        "10" => 15,
        "11" => 60,
        "12" => 25,
        "13" => 20,
        "14" => 15,
        "15" => 10,
        "16" => 25,
        "17" => 40,
        "18" => 10,
        "19" => 24,
        _ => 1,
    }
}

/// A weighted choice among words.
pub struct Choice<T> {
    values: Vec<T>,
    weights: WeightedIndex<f64>,
}

impl<T: Copy> Choice<T> {
    /// Returns a word; `None` if there are none.
    pub fn new(weighted: impl IntoIterator<Item = (T, f64)>) -> Option<Self> {
        let (values, weights): (Vec<T>, Vec<f64>) = weighted.into_iter().unzip();
        WeightedIndex::new(weights)
            .ok()
            .map(|weights| Self { values, weights })
    }

    pub fn take(&self, random: &mut StdRng) -> T {
        self.values[random.sample(&self.weights)]
    }
}

/// A choice among words with integer weights.
pub fn among(words: &[(&'static str, u32)]) -> Choice<&'static str> {
    Choice::new(words.iter().map(|(word, weight)| (*word, f64::from(*weight))))
        .expect("every list of words here has weights")
}

/// A choice among the first `count` numbers, each less likely than the one before.
pub fn ranks(count: usize, steepness: f64) -> Option<Choice<usize>> {
    Choice::new((0..count).map(|rank| (rank, (rank as f64 + 1.0).powf(-steepness))))
}

/// A choice among action types: each CAMEO root has its weight, shared among the types of that root.
pub fn types(types: &[(String, String)]) -> Option<Choice<usize>> {
    let root = |cameo: &str| cameo.chars().take(2).collect::<String>();
    Choice::new(types.iter().enumerate().map(|(place, (_, cameo))| {
        let of_root = types
            .iter()
            .filter(|(_, other)| root(other) == root(cameo))
            .count();
        (
            place,
            f64::from(weight_of_root(&root(cameo))) / of_root.max(1) as f64,
        )
    }))
}

/// Returns the day of the event number `place` of `count`; days close to the present have more events.
pub fn day(place: u64, count: u64) -> NaiveDate {
    let days = (LAST - FIRST).num_days();
    let share = (place as f64 / count.max(1) as f64).powf(0.6);
    let after = ((days as f64 * share) as u64).min(days.unsigned_abs());
    FIRST.checked_add_days(Days::new(after)).unwrap_or(LAST)
}

/// Returns a day as a source would give it: nearly always exact.
pub fn written(day: NaiveDate, random: &mut StdRng) -> String {
    match random.random_range(0..1000) {
        0..870 => day.to_string(),
        870..950 => day.format("%Y-%m").to_string(),
        950..985 => day.format("%Y").to_string(),
        985..993 => format!("{day}~"),
        993..997 => format!("{}/{}", day.format("%Y-%m"), day.year() + 1),
        _ => format!("../{day}"),
    }
}

/// Returns a random day within a number of days after another; `None` if it is after the last day of the data.
pub fn later(day: NaiveDate, within: u64, random: &mut StdRng) -> Option<NaiveDate> {
    day.checked_add_days(Days::new(random.random_range(1..=within)))
        .filter(|day| *day <= LAST)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;
    use crate::partial_date::PartialDate;

    #[test]
    fn days_go_forward_from_the_first_to_the_last() {
        let days: Vec<_> = (0..1000).map(|place| day(place, 1000)).collect();

        assert_eq!(days[0], FIRST);
        assert!(days.is_sorted());
        assert!(*days.last().unwrap() <= LAST);
        assert!(days[500].year() > 2010);
    }

    #[test]
    fn every_way_of_writing_a_day_is_a_partial_date_that_holds_it() {
        let mut random = StdRng::seed_from_u64(1);

        for place in 0..5000 {
            let day = day(place, 5000);
            let text = written(day, &mut random);
            let date: PartialDate = text.parse().unwrap();
            assert!(date.earliest().is_none_or(|earliest| earliest <= day), "{text}");
            assert!(date.latest().is_none_or(|latest| latest >= day), "{text}");
        }
    }
}
