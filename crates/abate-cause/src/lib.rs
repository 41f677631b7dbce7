//! Timeline, attack path and ranked root-cause hypotheses.
