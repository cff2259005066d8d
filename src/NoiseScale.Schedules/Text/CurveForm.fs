namespace NoiseScale.Schedules

/// How a kind of curve is written: its name, the names of its numbers and of its inner curves. JSON and the one-line syntax read and
/// print every curve through this one table; a step, whose changes are a list, is written by each of them itself.
type internal CurveForm =
    { Kind: string
      Numbers: string list
      Curves: string list
      Build: float list -> Curve list -> Curve }

module internal CurveForm =
    let private epochs (value: float) : float<epoch> = LanguagePrimitives.FloatWithMeasure value

    let private perEpoch (value: float) : float</ epoch> = LanguagePrimitives.FloatWithMeasure value

    let private form kind numbers curves build =
        { Kind = kind
          Numbers = numbers
          Curves = curves
          Build =
            fun values inner ->
                match build (values, inner) with
                | Some curve -> curve
                | None -> invalidOp $"{kind} takes {List.length numbers} numbers and {List.length curves} curves" }

    let private table =
        [ form "linear" [ "first"; "last"; "duration" ] [] (function
              | [ a; b; d ], [] -> Some(Curve.Linear(a, b, epochs d))
              | _ -> None)
          form "polynomial" [ "first"; "last"; "duration"; "power" ] [] (function
              | [ a; b; d; p ], [] -> Some(Curve.Polynomial(a, b, epochs d, p))
              | _ -> None)
          form "exponential" [ "initial"; "rate" ] [] (function
              | [ v; k ], [] -> Some(Curve.Exponential(v, perEpoch k))
              | _ -> None)
          form "inverse-time" [ "initial"; "rate" ] [] (function
              | [ v; k ], [] -> Some(Curve.InverseTime(v, perEpoch k))
              | _ -> None)
          form "inverse-square-root" [ "initial"; "timescale" ] [] (function
              | [ v; s ], [] -> Some(Curve.InverseSquareRoot(v, epochs s))
              | _ -> None)
          form "cosine" [ "first"; "last"; "duration" ] [] (function
              | [ a; b; d ], [] -> Some(Curve.Cosine(a, b, epochs d))
              | _ -> None)
          form "cosine-restarts" [ "high"; "low"; "period"; "growth" ] [] (function
              | [ h; l; p; g ], [] -> Some(Curve.CosineRestarts(h, l, epochs p, g))
              | _ -> None)
          form "join" [ "boundary" ] [ "before"; "after" ] (function
              | [ t ], [ before; after ] -> Some(Curve.Join(before, epochs t, after))
              | _ -> None)
          form "shift" [ "by" ] [ "curve" ] (function
              | [ t ], [ c ] -> Some(Curve.Shift(epochs t, c))
              | _ -> None)
          form "stretch" [ "factor" ] [ "curve" ] (function
              | [ k ], [ c ] -> Some(Curve.Stretch(k, c))
              | _ -> None)
          form "scale" [ "factor" ] [ "curve" ] (function
              | [ k ], [ c ] -> Some(Curve.Scale(k, c))
              | _ -> None)
          form "clamp" [ "low"; "high" ] [ "curve" ] (function
              | [ low; high ], [ c ] -> Some(Curve.Clamp(low, high, c))
              | _ -> None)
          form "sum" [] [ "left"; "right" ] (function
              | [], [ a; b ] -> Some(Curve.Sum(a, b))
              | _ -> None)
          form "product" [] [ "left"; "right" ] (function
              | [], [ a; b ] -> Some(Curve.Product(a, b))
              | _ -> None)
          form "power" [ "exponent" ] [ "curve" ] (function
              | [ p ], [ c ] -> Some(Curve.Power(p, c))
              | _ -> None) ]

    /// Names of all kinds, for messages.
    let kinds = "step" :: List.map _.Kind table

    let tryFind kind = table |> List.tryFind (fun form -> form.Kind = kind)

    /// The numbers and inner curves of a curve, in the order of its form; a constant and a step have no form.
    let parts curve =
        let of' kind numbers curves = table |> List.find (fun form -> form.Kind = kind), numbers, curves

        match curve with
        | Curve.Constant _
        | Curve.Step _ -> invalidOp "a constant and a step are written by themselves"
        | Curve.Linear(a, b, d) -> of' "linear" [ a; b; float d ] []
        | Curve.Polynomial(a, b, d, p) -> of' "polynomial" [ a; b; float d; p ] []
        | Curve.Exponential(v, k) -> of' "exponential" [ v; float k ] []
        | Curve.InverseTime(v, k) -> of' "inverse-time" [ v; float k ] []
        | Curve.InverseSquareRoot(v, s) -> of' "inverse-square-root" [ v; float s ] []
        | Curve.Cosine(a, b, d) -> of' "cosine" [ a; b; float d ] []
        | Curve.CosineRestarts(h, l, p, g) -> of' "cosine-restarts" [ h; l; float p; g ] []
        | Curve.Join(before, t, after) -> of' "join" [ float t ] [ before; after ]
        | Curve.Shift(t, c) -> of' "shift" [ float t ] [ c ]
        | Curve.Stretch(k, c) -> of' "stretch" [ k ] [ c ]
        | Curve.Scale(k, c) -> of' "scale" [ k ] [ c ]
        | Curve.Clamp(low, high, c) -> of' "clamp" [ low; high ] [ c ]
        | Curve.Sum(a, b) -> of' "sum" [] [ a; b ]
        | Curve.Product(a, b) -> of' "product" [] [ a; b ]
        | Curve.Power(p, c) -> of' "power" [ p ] [ c ]
