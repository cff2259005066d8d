namespace NoiseScale.Schedules.Tests

open System
open FsCheck
open FsCheck.FSharp
open NoiseScale.Schedules

/// Generated curves. All stay within stated bounds on [0, horizon], so that schedules made of them are valid by construction.
module GenerateCurve =

    let private epochs (t: float) : float<epoch> = LanguagePrimitives.FloatWithMeasure t

    /// Whether combinators are the constructors of `Curve` (which simplify) or the bare nodes of the type (which do not).
    type Build =
        | Smart
        | Raw

    // ---- numbers and times -----------------------------------------------------------------------------------------------

    let uniform (low: float, high: float) =
        Gen.choose64 (0L, 1L <<< 40) |> Gen.map (fun i -> low + (high - low) * (float i / float (1L <<< 40)))

    let logUniform (low: float, high: float) = uniform (log low, log high) |> Gen.map (fun x -> min high (max low (exp x)))

    /// A level between two bounds, with the bounds themselves and round numbers among them.
    let level (low: float, high: float) =
        Gen.frequency
            [ 5, logUniform (low, high)
              2, uniform (low, high)
              2, logUniform (low, high) |> Gen.map (fun x -> min high (max low (Math.Round x)))
              1, Gen.constant low
              1, Gen.constant high ]

    /// A time in (0, horizon): dyadic, an awkward fraction such as horizon·3/7, any float, or very near an end.
    let time (horizon: float) =
        Gen.frequency
            [ 3, Gen.choose (1, 1023) |> Gen.map (fun i -> horizon * float i / 1024.0)
              3, Gen.choose (1, 20) |> Gen.map (fun i -> horizon / 7.0 * float i / 3.0)
              3, uniform (0.0, horizon)
              1, Gen.elements [ horizon * 1e-6; horizon * (1.0 - 1e-6); horizon / 3.0 ] ]
        |> Gen.map (fun t -> if t > 0.0 && t < horizon then t else horizon / 2.0)

    /// Up to `most` boundaries in increasing order, some of them after the horizon.
    let boundaries most horizon =
        gen {
            let! count = Gen.frequency [ 3, Gen.choose (0, min 4 most); 1, Gen.choose (0, most) ]
            let! stretch = Gen.elements [ 1.0; 1.0; 1.0; 1.5 ]
            let! times = Gen.listOfLength count (time (stretch * horizon))
            return times |> List.distinct |> List.sort
        }

    // ---- primitives --------------------------------------------------------------------------------------------------------

    let private step build most bounds horizon =
        gen {
            let! times = boundaries most horizon
            let! initial = level bounds
            let! values = Gen.listOfLength times.Length (level bounds)
            let changes = List.zip (List.map epochs times) values

            return
                match build with
                | Smart -> Curve.step initial changes
                | Raw -> Curve.Step(initial, changes)
        }

    let private geometricStep (low: float, high: float) horizon =
        gen {
            let! times = boundaries 30 horizon
            let! factor = Gen.elements [ 2.0; 5.0; 10.0; 1.25 ]
            let factor = min factor (Math.Pow(high / low, 1.0 / float (max 1 times.Length)) * (1.0 - 1e-12))
            let times = List.map epochs times

            return! Gen.elements [ Curve.stepDecay high (max 1.0 factor) times; Curve.stepGrowth low (max 1.0 factor) times ]
        }

    /// Two levels, now and then so near to each other that a careless formula loses digits.
    let private twoLevels bounds =
        gen {
            let! a = level bounds
            let! b = level bounds
            let! nearly = uniform (0.0, 1.0)
            let clamp = max (fst bounds) >> min (snd bounds)
            return if nearly < 0.1 then a, clamp (a + (b - a) * 1e-8) else a, b
        }

    let private smooth bounds horizon =
        gen {
            let! first, last = twoLevels bounds

            let! length =
                Gen.frequency
                    [ 2, Gen.constant horizon; 3, time horizon; 1, uniform (horizon, 3.0 * horizon); 1, Gen.constant (1e6 * horizon) ]

            let high, low = max first last, min first last
            let duration = epochs length
            let perEpoch (x: float) : float</ epoch> = LanguagePrimitives.FloatWithMeasure x

            return!
                Gen.frequency
                    [ 3, Gen.constant (Curve.linear first last duration)
                      2, Gen.elements [ 0.5; 1.0; 2.0; 3.0; 0.9; 0.1 ] |> Gen.map (fun power -> Curve.polynomial first last duration power)
                      2, Gen.constant (Curve.exponential first (perEpoch (log (first / last) / horizon)))
                      2, Gen.constant (Curve.inverseTime high (perEpoch ((min (high / low) 1e4 - 1.0) / horizon)))
                      2,
                      Gen.constant (
                          match min (high / low) 1e3 with
                          | 1.0 -> Curve.constant low
                          | ratio -> Curve.inverseSquareRoot high (epochs (horizon / (ratio * ratio - 1.0)))
                      )
                      3, Gen.constant (Curve.cosine first last duration)
                      3,
                      Gen.choose (1, 12)
                      |> Gen.two
                      |> Gen.map (fun (i, j) -> Curve.cosineRestarts high low (epochs (horizon / float i)) (float (i + j - 1) / float i))
                      1,
                      gen {
                          let! rise = time horizon
                          return Curve.oneCycle low high low (epochs rise) (epochs horizon)
                      }
                      1,
                      gen {
                          let! warmUp = time (horizon / 2.0)
                          let! decay = time (horizon / 2.0)
                          return Curve.warmUpStableDecay low high low (epochs warmUp) (epochs decay) (epochs horizon)
                      }
                      1,
                      gen {
                          let! warmUp = time (horizon / 2.0)
                          let rest = Curve.cosine high low (epochs (horizon - warmUp))

                          return!
                              Gen.elements
                                  [ Curve.warmUpLinear low (epochs warmUp) high rest; Curve.warmUpCosine low (epochs warmUp) high rest ]
                      } ]
        }

    let private primitive build bounds horizon =
        Gen.frequency
            [ 2, level bounds |> Gen.map Curve.constant
              4, step build 30 bounds horizon
              2, geometricStep bounds horizon
              8, smooth bounds horizon ]

    // ---- combinators -------------------------------------------------------------------------------------------------------

    let private join build before boundary after =
        match build with
        | Smart -> Curve.join before boundary after
        | Raw -> Curve.Join(before, boundary, after)

    /// A curve whose values on [0, horizon] lie within positive bounds, up to `depth` combinators deep.
    let rec positive build depth (low: float, high: float) (horizon: float) : Gen<Curve> =
        let inner bounds horizon = positive build (depth - 1) bounds horizon
        let smart = (build = Smart)

        if depth = 0 then
            primitive build (low, high) horizon
        else
            Gen.frequency
                [ 3, primitive build (low, high) horizon
                  2,
                  gen {
                      let! boundary = Gen.frequency [ 4, time horizon; 1, Gen.elements [ 0.0; horizon ] ]
                      let! before = inner (low, high) horizon
                      let! after = inner (low, high) horizon
                      return join build before (epochs boundary) after
                  }
                  1,
                  gen {
                      let! by = time horizon
                      let! c = inner (low, high) (horizon + by)
                      return if smart then Curve.shift (epochs by) c else Curve.Shift(epochs by, c)
                  }
                  1,
                  gen {
                      let! factor = Gen.elements [ 0.25; 0.5; 3.0; 1.7; 1.0 ]
                      let! c = inner (low, high) (horizon / factor)
                      return if smart then Curve.stretch factor c else Curve.Stretch(factor, c)
                  }
                  1,
                  gen {
                      let! factor = Gen.elements [ 0.1; 3.0; 1.0 / 7.0; 2.0 ]
                      let! c = inner (low / factor, high / factor) horizon
                      return if smart then Curve.scale factor c else Curve.Scale(factor, c)
                  }
                  1,
                  gen {
                      let! c = inner (low / 4.0, high * 4.0) horizon
                      return if smart then Curve.clamp low high c else Curve.Clamp(low, high, c)
                  }
                  1,
                  gen {
                      let! a = inner (low / 2.0, high / 2.0) horizon
                      let! b = inner (low / 2.0, high / 2.0) horizon
                      return if smart then Curve.sum a b else Curve.Sum(a, b)
                  }
                  1,
                  gen {
                      let! a = inner (sqrt low, sqrt high) horizon
                      let! b = inner (sqrt low, sqrt high) horizon
                      return if smart then Curve.product a b else Curve.Product(a, b)
                  }
                  1,
                  gen {
                      let! exponent = Gen.elements [ -1.0; -0.5; 0.5; 2.0; 1.5; -2.0 ]
                      let ends = Math.Pow(low, 1.0 / exponent), Math.Pow(high, 1.0 / exponent)
                      let! c = inner (min (fst ends) (snd ends), max (fst ends) (snd ends)) horizon
                      return if smart then Curve.power exponent c else Curve.Power(exponent, c)
                  } ]

    /// Curves that change sign: what the algebra of curves allows although no schedule does.
    let signed horizon : Gen<Curve> =
        let part = positive Smart 0 (0.01, 10.0) horizon

        Gen.oneof
            [ Gen.zip part part |> Gen.map (fun (a, b) -> Curve.sum a (Curve.scale -1.0 b))
              Gen.zip (uniform (-5.0, 5.0)) (uniform (-5.0, 5.0)) |> Gen.map (fun (a, b) -> Curve.linear a b (epochs horizon))
              gen {
                  let! a, b = Gen.two (uniform (-5.0, 5.0))
                  let! exponent = Gen.elements [ 2.0; 3.0 ]
                  return Curve.power exponent (Curve.linear a b (epochs horizon))
              }
              gen {
                  let! a = part
                  let! b = Gen.two (uniform (-2.0, 2.0)) |> Gen.map (fun (a, b) -> Curve.cosine a b (epochs horizon))
                  return Curve.product a b
              } ]

    // ---- shrinking ---------------------------------------------------------------------------------------------------------

    /// Simpler curves: the parts of a combination, a constant, a step with fewer changes.
    let rec shrink curve : Curve seq =
        seq {
            match curve with
            | Curve.Constant v ->
                if v <> 1.0 && v <> Math.Round v then
                    yield Curve.Constant(Math.Round v)
            | Curve.Step(initial, changes) ->
                yield Curve.Constant initial
                yield! changes |> List.mapi (fun i _ -> Curve.Step(initial, List.removeAt i changes))
            | Curve.Join(before, boundary, after) ->
                yield before
                yield after
                yield! shrink before |> Seq.map (fun before -> Curve.Join(before, boundary, after))
                yield! shrink after |> Seq.map (fun after -> Curve.Join(before, boundary, after))
            | Curve.Shift(_, inner)
            | Curve.Stretch(_, inner)
            | Curve.Scale(_, inner)
            | Curve.Clamp(_, _, inner)
            | Curve.Power(_, inner) -> yield inner
            | Curve.Sum(left, right)
            | Curve.Product(left, right) ->
                yield left
                yield right
            | primitive -> yield Curve.Constant(Curve.valueAt 0.0<epoch> primitive)
        }
