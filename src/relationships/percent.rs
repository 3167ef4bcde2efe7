//! A percentage of at most two decimals, counted in hundredths so that it is exact.

use diesel::expression::AsExpression;
use diesel::pg::Pg;
use diesel::pg::data_types::PgNumeric;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Numeric;

#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression)]
#[diesel(sql_type = Numeric)]
pub struct Percent(u16);

impl Percent {
    /// None where the number is not from 0 to 100, or has more than two decimals.
    pub fn new(number: f64) -> Option<Self> {
        let percent = Self::nearest(number);
        (percent.0 <= 10_000 && percent.number() == number).then_some(percent)
    }

    /// The nearest percentage of two decimals to a number that is one already.
    pub fn nearest(number: f64) -> Self {
        // A cast from a float ends at the bounds of the integer.
        Self((number * 100.0).round() as u16)
    }

    pub fn number(self) -> f64 {
        f64::from(self.0) / 100.0
    }
}

impl ToSql<Numeric, Pg> for Percent {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        // Digits of a numeric are in base 10,000: the first before the point, the second behind it.
        let digits = [self.0 / 100, self.0 % 100 * 100].map(|digit| i16::try_from(digit).unwrap_or_default());
        let numeric = PgNumeric::Positive {
            weight: 0,
            scale: 2,
            digits: digits.to_vec(),
        };
        ToSql::<Numeric, Pg>::to_sql(&numeric, &mut out.reborrow())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hundredth_from_0_to_100_is_a_percentage() {
        for hundredths in 0..=10_000_u16 {
            let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
            let number: f64 = text.parse().expect("a number");

            assert_eq!(Percent::new(number), Some(Percent(hundredths)), "{text}");
            assert_eq!(Percent(hundredths).number(), number);
        }
    }

    #[test]
    fn what_is_outside_or_finer_is_none() {
        for number in [-0.01, 100.01, 33.333, 0.001, 50.005, 1e300, -1e300, f64::NAN] {
            assert_eq!(Percent::new(number), None, "{number}");
        }
    }
}
