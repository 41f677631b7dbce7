//! How the memory of queries is divided: a quarter for what can be spilled, the rest for what cannot.
//!
//! A sort collects rows until memory is refused, writes them out sorted, and needs memory of its own to merge them. With one pool
//! for both, the rows of one thread take what the merge of another has just given back, and queries fail that need not. Merging
//! needs up to three times what the rows take (narrow rows, several keys), hence a quarter.

use std::fmt;

use datafusion::error::Result;
use datafusion::execution::memory_pool::{FairSpillPool, GreedyMemoryPool, MemoryConsumer, MemoryLimit, MemoryPool, MemoryReservation};

/// Two pools in one.
#[derive(Debug)]
pub(crate) struct Divided {
    limit: usize,
    spilling: FairSpillPool,
    other: GreedyMemoryPool,
}

impl Divided {
    /// A pool of so many bytes.
    pub fn new(limit: usize) -> Self {
        let spilling = limit / 4;
        Self { limit, spilling: FairSpillPool::new(spilling), other: GreedyMemoryPool::new(limit - spilling) }
    }

    fn of(&self, consumer: &MemoryConsumer) -> &dyn MemoryPool {
        if consumer.can_spill() { &self.spilling } else { &self.other }
    }
}

impl fmt::Display for Divided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} MB", self.limit >> 20)
    }
}

impl MemoryPool for Divided {
    fn name(&self) -> &'static str {
        "divided"
    }

    fn register(&self, consumer: &MemoryConsumer) {
        self.of(consumer).register(consumer);
    }

    fn unregister(&self, consumer: &MemoryConsumer) {
        self.of(consumer).unregister(consumer);
    }

    fn grow(&self, reservation: &MemoryReservation, additional: usize) {
        self.of(reservation.consumer()).grow(reservation, additional);
    }

    fn shrink(&self, reservation: &MemoryReservation, shrink: usize) {
        self.of(reservation.consumer()).shrink(reservation, shrink);
    }

    fn try_grow(&self, reservation: &MemoryReservation, additional: usize) -> Result<()> {
        self.of(reservation.consumer()).try_grow(reservation, additional)
    }

    fn reserved(&self) -> usize {
        self.spilling.reserved() + self.other.reserved()
    }

    fn memory_limit(&self) -> MemoryLimit {
        MemoryLimit::Finite(self.limit)
    }
}
