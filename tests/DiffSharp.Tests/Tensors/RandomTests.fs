/// Random numbers: functions of their seed.
module RandomTests

open Expecto
open DiffSharp
open Approx

let private generator seed = Generator(seed, device.Value)

/// Everything that draws.
let private draws: (string * (Generator -> Tensor)) list =
    [ "rand", (fun g -> dsharp.rand ([ 100 ], generator = g))
      "randn", (fun g -> dsharp.randn ([ 100 ], generator = g))
      "randint", (fun g -> dsharp.randint (0, 1000, [ 100 ], generator = g))
      "randperm", (fun g -> dsharp.randperm (100, generator = g))
      "bernoulli", (fun g -> (dsharp.full (100, 0.5)).bernoulli(generator = g))
      "multinomial", (fun g -> (dsharp.ones 50).multinomial(100, generator = g))
      "dropout", (fun g -> (dsharp.ones 100).dropout(0.5, g))
      "dropout2d", (fun g -> (dsharp.ones [ 10; 10; 2; 2 ]).dropout2d(0.5, g))
      "dropout3d", (fun g -> (dsharp.ones [ 10; 10; 1; 2; 1 ]).dropout3d(0.5, g))
      "randLike", (fun g -> (dsharp.ones 100).randLike(generator = g))
      "randnLike", (fun g -> (dsharp.ones 100).randnLike(generator = g))
      "randintLike", (fun g -> (dsharp.ones 100).randintLike(0, 1000, generator = g)) ]

[<Tests>]
let tests =
    testList
        "random numbers"
        [ for name, draw in draws do
              testCase $"{name}: the same seed gives the same bits, another gives others"
              <| fun () ->
                  Expect.equal (draw (generator 7L)) (draw (generator 7L)) "the same"
                  Expect.notEqual (draw (generator 7L)) (draw (generator 8L)) "others"
                  let one = generator 7L
                  let first = draw one
                  Expect.notEqual first (draw one) "a draw moves on"

          testCase "moments, within five standard errors of 10⁵ draws"
          <| fun () ->
              let n = 100_000
              let error = 5.0 / sqrt (float n)
              let uniform = dsharp.rand ([ n ], dtype = Dtype.Float64, generator = generator 1L)
              Expect.isLessThan (abs (float (uniform.mean ()) - 0.5)) (error * sqrt (1.0 / 12.0)) "mean of a uniform number"
              Expect.isTrue (float (uniform.min ()) >= 0.0 && float (uniform.max ()) < 1.0) "in [0, 1)"
              let normal = dsharp.randn ([ n ], dtype = Dtype.Float64, generator = generator 2L)
              Expect.isLessThan (abs (float (normal.mean ()))) error "mean of a normal number"
              Expect.isLessThan (abs (float (normal.variance ()) - 1.0)) (error * sqrt 2.0) "variance of a normal number"
              let coins = (dsharp.full (n, 0.3, dtype = Dtype.Float64)).bernoulli(generator = generator 3L)
              Expect.isLessThan (abs (float (coins.mean ()) - 0.3)) (error * sqrt 0.21) "mean of a coin"
              let dropped = (dsharp.ones (n, dtype = Dtype.Float64)).dropout(0.3, generator 4L)
              Expect.isLessThan (abs (float (dropped.mean ()) - 1.0)) (error * sqrt (0.3 / 0.7)) "dropout keeps the mean"
              let weights = dsharp.tensor [ 1.0; 3.0 ]
              let drawn = (weights.multinomial (n, generator = generator 5L)).double()
              Expect.isLessThan (abs (float (drawn.mean ()) - 0.75)) (error * sqrt 0.1875) "multinomial"

          testCase "a permutation has every number once, integers stay in their range"
          <| fun () ->
              let order = (dsharp.randperm (50, generator = generator 1L)).toArray1D<int>()
              Expect.equal (Array.sort order) [| 0..49 |] "a permutation"
              let dice = dsharp.randint (1, 7, [ 1000 ], generator = generator 2L)
              Expect.equal (int (dice.min ()), int (dice.max ())) (1, 6) "dice"
              let all = (dsharp.ones 20).multinomial(20, replacement = false, generator = generator 3L)
              Expect.equal (Array.sort (all.toArray1D<int>())) [| 0..19 |] "without replacement"

          testCase "dropout's edges"
          <| fun () ->
              let t = dsharp.ones 10
              Expect.equal (t.dropout (0.0, generator 1L)) t "p = 0"
              Expect.equal (t.dropout (1.0, generator 1L)) (dsharp.zeros 10) "p = 1"
              let channels = (dsharp.ones [ 4; 8; 3; 3 ]).dropout2d(0.5, generator 1L)
              let spread = (channels.view [ 32; 9 ]).stddev 1
              Expect.equal (float (spread.max ())) 0.0 "whole channels"

          testSequenced (
              testCase "dsharp.seed sets the process's own source"
              <| fun () ->
                  dsharp.seed 5
                  let first = dsharp.randn [ 10 ]
                  dsharp.seed 5
                  Expect.equal (dsharp.randn [ 10 ]) first "the same"
          ) ]
