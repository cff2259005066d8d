module NoiseScale.Theory.Tests.CoefficientTests

open System
open System.Numerics
open Expecto
open FsCheck.FSharp
open Fractions
open NoiseScale.Theory
open NoiseScale.Theory.BackwardError
open NoiseScale.Theory.Tests.Property

let private beta = Coefficient.Symbol "β"
let private number (k: int) = Coefficient.OfInt k

/// Quotients of small polynomials in β.
let private coefficient =
    gen {
        let polynomial =
            Gen.choose (-3, 3) |> Gen.listOfLength 3 |> Gen.map (List.fold (fun p k -> p * beta + number k) Coefficient.Zero)

        let! top = polynomial
        let! bottom = polynomial |> Gen.filter (fun p -> not p.IsZero)
        return top / bottom
    }

let private three = Gen.zip3 coefficient coefficient coefficient |> Arb.fromGen
let private at = Fraction(System.Numerics.BigInteger 7, System.Numerics.BigInteger 11)

let tests =
    testList
        "coefficients"
        [ property 200 "they are a field" three (fun (a, b, c) ->
              Expect.equal (a + b) (b + a) "+ commutes"
              Expect.equal (a * b) (b * a) "· commutes"
              Expect.equal (a + (b + c)) ((a + b) + c) "+ associates"
              Expect.equal (a * (b * c)) ((a * b) * c) "· associates"
              Expect.equal (a * (b + c)) (a * b + a * c) "· distributes"
              Expect.isTrue (a - a).IsZero "a − a"

              if not b.IsZero then
                  Expect.equal (a / b * b) a "a/b·b")

          property 200 "evaluating is a homomorphism" three (fun (a, b, _) ->
              try
                  Expect.equal ((a + b).At at) (a.At at + b.At at) "sum"
                  Expect.equal ((a * b).At at) (a.At at * b.At at) "product"
              with :? DivideByZeroException ->
                  ())

          testCase "as text" (fun () ->
              let one = Coefficient.One

              for value, text in
                  [ number 0, "0"
                    number -3, "−3"
                    one / number 2, "1/2"
                    -(one + beta) / (number 2 * (one - beta) * (one - beta) * (one - beta)), "−(1 + β)/(2(1 − β)³)"
                    (one - number 2 * beta) / (number 3 * beta), "(1 − 2β)/(3β)"
                    beta * beta / number 6, "β²/6" ] do
                  Expect.equal (string value) text "text")

          testCase "numbers are taken as they are written" (fun () ->
              for value, (a: int, b: int) in [ 0.9, (9, 10); -0.125, (-1, 8); 1e-3, (1, 1000); 0.0, (0, 1); 3.0, (3, 1) ] do
                  Expect.equal (Coefficient.OfFloat value).Value (Fraction(BigInteger a, BigInteger b)) $"{value}"

              Expect.equal ((Coefficient.OfFloat 2.5e10).Value.ToDouble()) 2.5e10 "large"
              Expect.equal ((Coefficient.OfFloat 1e-300).Value.ToDouble()) 1e-300 "small"
              Expect.throwsT<ArgumentException> (fun () -> Coefficient.OfFloat nan |> ignore) "nan")

          testCase "two symbols do not mix, and 0 does not divide" (fun () ->
              Expect.throwsT<ArgumentException> (fun () -> beta + Coefficient.Symbol "m" |> ignore) "two symbols"
              Expect.throwsT<DivideByZeroException> (fun () -> beta / Coefficient.Zero |> ignore) "0"
              Expect.throwsT<InvalidOperationException> (fun () -> beta.Value |> ignore) "a symbol has no value"
              Expect.equal ((beta - beta).Value) Fraction.Zero "nothing is left of the symbol") ]
