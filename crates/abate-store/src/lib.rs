//! Case storage: the hash-chained journal and assessments in SQLite.
