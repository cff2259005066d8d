namespace NoiseScale.Theory.BackwardError

open Fractions

/// Polynomials in one symbol with rational coefficients: `[| c₀; c₁; … |]` is c₀ + c₁s + …, the last coefficient not 0; `[||]` is 0.
module internal Polynomial =

    let normal (coefficients: Fraction[]) =
        match Array.tryFindIndexBack (fun c -> c <> Fraction.Zero) coefficients with
        | None -> [||]
        | Some last when last = coefficients.Length - 1 -> coefficients
        | Some last -> coefficients[..last]

    let zero: Fraction[] = [||]
    let constant (c: Fraction) = normal [| c |]
    let one = constant Fraction.One
    let symbol = [| Fraction.Zero; Fraction.One |]
    let degree (p: Fraction[]) = p.Length - 1
    let leading (p: Fraction[]) = p[p.Length - 1]
    let private at i (p: Fraction[]) = if i < p.Length then p[i] else Fraction.Zero
    let add p q = Array.init (max (Array.length p) (Array.length q)) (fun i -> at i p + at i q) |> normal
    let scale (k: Fraction) p = Array.map ((*) k) p |> normal
    let subtract p q = add p (scale Fraction.MinusOne q)

    let multiply (p: Fraction[]) (q: Fraction[]) =
        if p.Length = 0 || q.Length = 0 then
            zero
        else
            let product = Array.create (p.Length + q.Length - 1) Fraction.Zero
            p |> Array.iteri (fun i a -> q |> Array.iteri (fun j b -> product[i + j] <- product[i + j] + a * b))
            normal product

    /// Quotient and remainder: p = quotient·d + remainder, the remainder of lower degree than d.
    let rec divide (p: Fraction[]) (d: Fraction[]) =
        if degree p < degree d then
            zero, p
        else
            let term = Array.append (Array.create (degree p - degree d) Fraction.Zero) [| leading p / leading d |]
            let quotient, remainder = divide (subtract p (multiply term d)) d
            add term quotient, remainder

    /// The greatest common divisor, its leading coefficient 1.
    let rec gcd p q =
        if q = zero then
            scale (Fraction.One / leading p) p
        else
            gcd q (snd (divide p q))

    let evaluate (x: Fraction) p = Array.foldBack (fun c sum -> c + x * sum) p Fraction.Zero
