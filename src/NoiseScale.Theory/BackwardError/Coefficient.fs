namespace NoiseScale.Theory.BackwardError

open System
open System.Numerics
open Fractions

/// <summary>An exact coefficient of a derivation: a quotient of polynomials in at most one symbol (β, m, …) over the rationals, in lowest
/// terms.</summary>
/// <remarks>Two coefficients are equal when they are the same function; those without a symbol are rational numbers.</remarks>
[<CustomEquality; NoComparison>]
type Coefficient =
    private
        {
            /// the symbol's name; "" where there is none
            name: string
            numerator: Fraction[]
            /// leading coefficient 1
            denominator: Fraction[]
        }

    static member private Make(name, numerator, denominator) =
        if denominator = Polynomial.zero then
            raise (DivideByZeroException "a coefficient is divided by 0")

        let common = Polynomial.gcd denominator numerator
        let numerator = fst (Polynomial.divide numerator common)
        let denominator = fst (Polynomial.divide denominator common)
        let unit = Fraction.One / Polynomial.leading denominator
        let isConstant = Polynomial.degree numerator <= 0 && Polynomial.degree denominator = 0

        { name = if isConstant then "" else name
          numerator = Polynomial.scale unit numerator
          denominator = Polynomial.scale unit denominator }

    static member private Shared(a: Coefficient, b: Coefficient) =
        match a.name, b.name with
        | "", name
        | name, "" -> name
        | name, other when name = other -> name
        | name, other -> invalidArg "symbol" $"a coefficient has one symbol: {name} and {other} do not mix"

    /// A rational number.
    static member OfFraction(value: Fraction) =
        { name = ""
          numerator = Polynomial.constant value
          denominator = Polynomial.one }

    /// An integer.
    static member OfInt(value: int) = Coefficient.OfFraction(Fraction value)

    /// <summary>A number exactly as its shortest decimal is written: 9/10 for 0.9.</summary>
    /// <exception cref="T:System.ArgumentException">It is not finite.</exception>
    static member OfFloat(value: float) =
        if not (Double.IsFinite value) then
            invalidArg (nameof value) $"a coefficient is finite, not {value}"

        Coefficient.OfFraction(Coefficient.Written value)

    // .NET prints the shortest decimal that reads back as the same float
    static member private Written(value: float) =
        Fraction.FromString(
            value.ToString("R", Globalization.CultureInfo.InvariantCulture),
            Globalization.NumberStyles.Float,
            Globalization.CultureInfo.InvariantCulture
        )

    /// A symbol, such as β for momentum or m for the number of minibatches.
    static member Symbol(name: string) =
        if String.IsNullOrWhiteSpace name then
            invalidArg (nameof name) "a symbol has a name"

        { name = name; numerator = Polynomial.symbol; denominator = Polynomial.one }

    /// 0.
    static member Zero = Coefficient.OfInt 0
    /// 1.
    static member One = Coefficient.OfInt 1

    /// a + b.
    static member (+)(a: Coefficient, b: Coefficient) =
        if a.IsZero then
            b
        elif b.IsZero then
            a
        else
            let sum =
                Polynomial.add (Polynomial.multiply a.numerator b.denominator) (Polynomial.multiply b.numerator a.denominator)

            Coefficient.Make(Coefficient.Shared(a, b), sum, Polynomial.multiply a.denominator b.denominator)

    /// a·b.
    static member (*)(a: Coefficient, b: Coefficient) =
        Coefficient.Make(
            Coefficient.Shared(a, b),
            Polynomial.multiply a.numerator b.numerator,
            Polynomial.multiply a.denominator b.denominator
        )

    /// −a.
    static member (~-)(a: Coefficient) = { a with numerator = Polynomial.scale Fraction.MinusOne a.numerator }

    /// a − b.
    static member (-)(a: Coefficient, b: Coefficient) = a + (-b)

    /// a/b; b must not be 0.
    static member (/)(a: Coefficient, b: Coefficient) =
        Coefficient.Make(
            Coefficient.Shared(a, b),
            Polynomial.multiply a.numerator b.denominator,
            Polynomial.multiply a.denominator b.numerator
        )

    /// Whether it is 0 for every value of its symbol.
    member a.IsZero = a.numerator = Polynomial.zero
    /// The name of its symbol, if it depends on one.
    member a.SymbolName = if a.name = "" then None else Some a.name
    member internal a.SymbolText = a.name
    member internal a.Numerator = a.numerator
    member internal a.Denominator = a.denominator

    /// <summary>Its value where the symbol has a value (which is ignored where there is no symbol).</summary>
    /// <exception cref="T:System.DivideByZeroException">It has a pole there.</exception>
    member a.At(value: Fraction) = Polynomial.evaluate value a.numerator / Polynomial.evaluate value a.denominator

    /// <summary>Its value as a float where the symbol has a value; the symbol's value is taken exactly as its decimal is written.</summary>
    /// <exception cref="T:System.DivideByZeroException">It has a pole there.</exception>
    member a.At(value: float) = (a.At(Coefficient.Written value)).ToDouble()

    /// <summary>The rational number that it is.</summary>
    /// <exception cref="T:System.InvalidOperationException">It depends on a symbol.</exception>
    member a.Value =
        if a.name <> "" then
            invalidOp $"the coefficient depends on {a.name}; give it a value with At"

        a.At Fraction.Zero

    override a.Equals other =
        match other with
        | :? Coefficient as b -> a.name = b.name && a.numerator = b.numerator && a.denominator = b.denominator
        | _ -> false

    override a.GetHashCode() = HashCode.Combine(a.name, a.numerator.Length, a.denominator.Length)

    interface IEquatable<Coefficient> with
        member a.Equals b = a.Equals(box b)

    override a.ToString() = CoefficientText.text a

/// Coefficients as text and LaTeX: rational content first, then powers of s, 1 − s and 1 + s split off.
and [<AbstractClass; Sealed>] internal CoefficientText private () =

    // c·s^i·(1 − s)^j·(1 + s)^k·rest, the rest with integer coefficients without common factor and a positive first one
    static let factors (p: Fraction[]) =
        let rec split factor count p =
            match Polynomial.divide p factor with
            | quotient, remainder when remainder = Polynomial.zero && Polynomial.degree p > 0 -> split factor (count + 1) quotient
            | _ -> count, p

        let powers, p = split Polynomial.symbol 0 p
        let below, p = split [| Fraction.One; Fraction.MinusOne |] 0 p
        let above, p = split [| Fraction.One; Fraction.One |] 0 p

        let denominators =
            p |> Array.fold (fun lcm c -> lcm / BigInteger.GreatestCommonDivisor(lcm, c.Denominator) * c.Denominator) BigInteger.One

        let integers = p |> Array.map (fun c -> (c * Fraction denominators).Numerator)
        let common = integers |> Array.fold (fun g c -> BigInteger.GreatestCommonDivisor(g, c)) BigInteger.Zero
        let first = integers |> Array.find (fun c -> c <> BigInteger.Zero)
        let content = if first.Sign < 0 then -common else common
        Fraction content / Fraction denominators, powers, below, above, integers |> Array.map (fun c -> c / content)

    static let superscript (latex: bool) (n: int) =
        if latex then
            $"^{{{n}}}"
        else
            string n |> String.map (fun digit -> "⁰¹²³⁴⁵⁶⁷⁸⁹"[int digit - int '0'])

    static let powerOf latex (text: string) n =
        match n with
        | 0 -> None
        | 1 -> Some text
        | n -> Some(text + superscript latex n)

    static let expanded latex name (integers: BigInteger[]) =
        let term i (c: BigInteger) =
            let size = BigInteger.Abs c
            let symbol = powerOf latex name i |> Option.defaultValue ""
            let size = if size.IsOne && i > 0 then "" else string size
            (if c.Sign < 0 then "−" else "+"), size + symbol

        let terms =
            integers
            |> Array.mapi (fun i c -> i, c)
            |> Array.filter (fun (_, c) -> not c.IsZero)
            |> Array.map (fun (i, c) -> term i c)

        let sign, head = terms[0]

        Array.fold (fun text (sign, term) -> $"{text} {sign} {term}") ((if sign = "−" then "−" else "") + head) terms[1..]

    /// A symbol as LaTeX has it.
    static let latexName (name: string) =
        match name with
        | "β" -> "\\beta"
        | "ρ" -> "\\rho"
        | name -> name

    /// The factors other than the rational one, as a product; "" for none.
    static let product latex name (powers, below, above, rest: BigInteger[]) =
        [ powerOf latex name powers
          powerOf latex $"(1 − {name})" below
          powerOf latex $"(1 + {name})" above
          (if rest.Length <= 1 then None else Some $"({expanded latex name rest})") ]
        |> List.choose id
        |> String.concat ""

    static let unbracketed (text: string) =
        if text.StartsWith '(' && text.EndsWith ')' && text.IndexOf('(', 1) < 0 then
            text[1 .. text.Length - 2]
        else
            text

    /// Sign and size of a coefficient: `1/2`, `(1 + β)/(2(1 − β)³)`. A size of 1 is "1".
    static let parts latex (a: Coefficient) =
        let name = if latex then latexName a.SymbolText else a.SymbolText
        let content, p, b, c, rest = factors a.Numerator
        let unit, p', b', c', rest' = factors a.Denominator
        let ratio = content / unit
        let size = Fraction.Abs ratio
        let above = product latex name (p, b, c, rest)
        let below = product latex name (p', b', c', rest')
        let join (number: BigInteger) text = if number.IsOne && text <> "" then text else string number + text
        let top, bottom = join size.Numerator above, join size.Denominator below

        let text =
            if bottom = "1" then
                top
            elif latex then
                $"\\frac{{{unbracketed top}}}{{{unbracketed bottom}}}"
            else
                let bracketed (t: string) = if Seq.forall Char.IsDigit t then t else $"({t})"

                let simple =
                    below = "" || (size.Denominator.IsOne && below.StartsWith '(' && unbracketed below <> below)

                top + "/" + (if simple then bottom else bracketed bottom)

        ratio.IsNegative, text

    static member text(a: Coefficient) =
        if a.IsZero then
            "0"
        else
            let negative, size = parts false a
            if negative then "−" + size else size

    /// Whether it is negative, and its size without the sign.
    static member signed (latex: bool) (a: Coefficient) = if a.IsZero then false, "0" else parts latex a
