"""Many photos: lines of readings, shards, drawings."""
