use landgavel_record::record::sha256;
use serde_json::{Value, json};

/// How a robot bids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// Answers each better bid with the least legal one.
    Steady,
    /// Jumps several steps at once, to tire the others.
    Jumper,
    /// Waits until little time is left.
    Late,
}

/// A bidder that is played by this program.
#[derive(Debug, Clone, Copy)]
pub struct Robot {
    /// Its code.
    pub code: &'static str,
    /// What it is called, invented.
    pub name: &'static str,
    /// Its group, invented.
    pub group: &'static str,
    /// Cash or a guarantee.
    pub form: &'static str,
    /// How it bids.
    pub manner: Manner,
    /// Most it pays for the land, in 万元.
    pub price: i64,
    /// Most tax it promises, in hundredths of 万元 per mu and year.
    pub tax: i64,
}

/// Robots that there are.
pub const COUNT: usize = ROBOTS.len();

/// Six invented enterprises. The first and the last are of one group, so the last is not admitted.
pub const ROBOTS: [Robot; 6] = [
    Robot {
        code: "A17",
        name: "示例轴承一厂（虚构）",
        group: "示例轴承集团",
        form: "cash",
        manner: Manner::Steady,
        price: 2600,
        tax: 3300,
    },
    Robot {
        code: "B42",
        name: "示例泵业（虚构）",
        group: "示例泵业集团",
        form: "guarantee",
        manner: Manner::Jumper,
        price: 2700,
        tax: 4200,
    },
    Robot {
        code: "C08",
        name: "示例电机（虚构）",
        group: "示例电机集团",
        form: "cash",
        manner: Manner::Late,
        price: 2650,
        tax: 4100,
    },
    Robot {
        code: "D63",
        name: "示例阀门（虚构）",
        group: "示例阀门集团",
        form: "guarantee",
        manner: Manner::Steady,
        price: 2300,
        tax: 0,
    },
    Robot {
        code: "E29",
        name: "示例机械（虚构）",
        group: "示例机械集团",
        form: "cash",
        manner: Manner::Late,
        price: 2900,
        tax: 4500,
    },
    Robot {
        code: "F55",
        name: "示例轴承二厂（虚构）",
        group: "示例轴承集团",
        form: "cash",
        manner: Manner::Steady,
        price: 2500,
        tax: 3000,
    },
];

impl Robot {
    /// What it does now, if anything: `frame` is what everybody sees, `mine` its own, `now_ms` the sale's time.
    pub fn act(&self, frame: &Value, mine: &Value, now_ms: i64) -> Option<Value> {
        let can = |verb: &str| mine["can"].as_array().is_some_and(|can| can.iter().any(|word| word == verb));
        let most = match frame["stage"]["attribute"]["id"].as_str() {
            Some("price") => self.price,
            Some("tax") => self.tax,
            _ => return can("confirm").then(|| json!({"do": "confirm", "bidder": self.code})),
        };
        let cap = frame["cap"]["quanta"].as_i64();
        if can("accept") {
            return cap.filter(|cap| *cap <= most).map(|_| json!({"do": "accept", "bidder": self.code}));
        }
        let least = mine["legal"]["least"]["quanta"].as_i64();
        if can("join") {
            return least.filter(|least| *least <= most).map(|_| json!({"do": "join", "bidder": self.code}));
        }
        if !can("bid") || mine["leads"] == true || !self.is_time(frame, now_ms) {
            return None;
        }
        let choices = mine["legal"]["choices"].as_array()?;
        let wish = match self.manner {
            Manner::Steady | Manner::Late => 0,
            Manner::Jumper => 2 + usize::from(self.thought(frame) % 3),
        };
        let affordable = |amount: &&Value| amount["quanta"].as_i64().is_some_and(|quanta| quanta <= most);
        let amount = choices.iter().take(wish + 1).rfind(affordable)?;
        Some(json!({"do": "bid", "bidder": self.code, "amount": amount["text"]}))
    }

    /// Nobody answers at once: a robot lets a part of the period pass, another one each time.
    fn is_time(&self, frame: &Value, now_ms: i64) -> bool {
        let (Some(closes), Some(length)) = (frame["phase"]["closes_ms"].as_i64(), frame["phase"]["length_ms"].as_i64())
        else {
            return true;
        };
        let left = (closes - now_ms).max(0);
        let share = i64::from(self.thought(frame) % 20);
        let waits_until = match self.manner {
            Manner::Steady => 90 - share,
            Manner::Jumper => 80 - 2 * share,
            Manner::Late => 18 + share / 2,
        };
        left * 100 <= length.max(1) * waits_until
    }

    /// A whim that is the same each time the demonstration is played.
    fn thought(&self, frame: &Value) -> u8 {
        sha256(format!("{} {}", self.code, frame["entries"]).as_bytes()).0[0]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(left_ms: i64) -> Value {
        json!({"entries": 9, "stage": {"attribute": {"id": "price"}}, "cap": {"quanta": 2503},
               "phase": {"closes_ms": left_ms, "length_ms": 300_000}})
    }

    fn mine(least: i64) -> Value {
        let choices: Vec<Value> = (0..6)
            .map(|step| json!({"quanta": least + 20 * step, "text": format!("{} 万元", least + 20 * step)}))
            .collect();
        json!({"can": ["bid"], "leads": false, "legal": {"least": {"quanta": least}, "choices": choices}})
    }

    #[test]
    fn a_robot_bids_no_more_than_it_has_and_not_against_itself() {
        for robot in ROBOTS {
            let bid = robot.act(&frame(1000), &mine(2283), 0);
            let amount = bid.and_then(|bid| bid["amount"].as_str()?.split(' ').next()?.parse::<i64>().ok());
            assert_eq!(amount.is_some(), robot.price >= 2283, "{}", robot.code);
            assert!(amount.is_none_or(|amount| amount <= robot.price));
            let mut leads = mine(2283);
            leads["leads"] = json!(true);
            assert_eq!(robot.act(&frame(1000), &leads, 0), None);
        }
    }

    #[test]
    fn the_late_ones_wait() {
        let late = ROBOTS.iter().find(|robot| robot.manner == Manner::Late).unwrap();
        assert_eq!(late.act(&frame(290_000), &mine(1983), 0), None);
        assert!(late.act(&frame(20_000), &mine(1983), 0).is_some());
    }
}
