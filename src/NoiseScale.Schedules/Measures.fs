namespace NoiseScale.Schedules

/// One pass over the training set; time throughout the library is epochs of data seen.
[<Measure>]
type epoch

/// One training example.
[<Measure>]
type example

/// One parameter update.
[<Measure>]
type update
