//! Response plans as data, prevention, and the collection script.
