/// Losses that are polynomials: their derivatives of every order are exact, with no differentiation program in between.
module NoiseScale.Theory.Tests.Polynomials

open System
open Expecto
open FsCheck.FSharp
open NoiseScale.Theory
open NoiseScale.Theory.BackwardError

/// Σ coefficient·∏ x_k^power_k.
type Polynomial = (float * int[]) list

let value (p: Polynomial) (x: float[]) =
    p |> List.sumBy (fun (c, powers) -> Array.fold2 (fun product (xk: float) power -> product * pown xk power) c x powers)

let partial k (p: Polynomial) : Polynomial =
    p
    |> List.choose (fun (c, powers) ->
        if powers[k] = 0 then
            None
        else
            Some(c * float powers[k], Array.mapi (fun j power -> if j = k then power - 1 else power) powers))

let gradient (p: Polynomial) (x: float[]) = Array.init x.Length (fun k -> value (partial k p) x)

let mean (ps: Polynomial list) : Polynomial = ps |> List.collect (List.map (fun (c, powers) -> c / float ps.Length, powers))

/// The derivative of a polynomial along directions, Σ ∂^k p/∂x_{i1}…∂x_{ik}·v1_{i1}…vk_{ik}.
let rec private along (directions: float[] list) (p: Polynomial) (x: float[]) =
    match directions with
    | [] -> value p x
    | v :: rest ->
        Seq.sum (
            seq {
                for k in 0 .. x.Length - 1 do
                    if v[k] <> 0.0 then
                        v[k] * along rest (partial k p) x
            }
        )

/// F(τ)(x) for the fields f_c = −∇p_c.
let rec elementary (losses: int -> Polynomial) (tree: Tree) (x: float[]) : float[] =
    let below = tree.Children |> List.map (fun child -> elementary losses child x)
    Array.init x.Length (fun k -> -(along below (partial k (losses tree.Colour)) x))

let add (a: float[]) (b: float[]) = Array.map2 (+) a b
let scale (k: float) (a: float[]) = Array.map ((*) k) a
let distance (a: float[]) (b: float[]) = Array.fold2 (fun sum (x: float) y -> sum + (x - y) * (x - y)) 0.0 a b |> sqrt

/// All assignments of 0 … m−1 to some keys.
let rec assignments m keys =
    match keys with
    | [] -> [ Map.empty ]
    | key :: rest ->
        [ for map in assignments m rest do
              for i in 0 .. m - 1 -> Map.add key i map ]

/// The modified flow of an equation to an order, for minibatch losses p_0 … p_{m−1} (one loss: m = 1), by sums over all minibatches.
let modifiedFlow (equation: ModifiedEquation) order (symbol: float) (rate: float) (losses: Polynomial list) (x: float[]) =
    let losses = Array.ofList losses
    let average = mean (List.ofArray losses)

    equation.UpTo order
    |> List.map (fun term ->
        let factor = term.Coefficient.At symbol * pown rate (term.Tree.Order - 1)

        match equation.Fields with
        | Fields.One
        | Fields.Minibatches _ -> scale factor (elementary (fun c -> losses[c]) term.Tree x)
        | Fields.Exchangeable ->
            let shared = Tree.colours term.Tree |> List.filter (fun c -> c > 0)
            let draws = assignments losses.Length shared

            draws
            |> List.map (fun draw -> elementary (fun c -> if c = 0 then average else losses[draw[c]]) term.Tree x)
            |> List.reduce add
            |> scale (factor / float draws.Length))
    |> List.reduce add

/// The solution of dx/dt = flow(x) after a time: the classical Runge–Kutta method, in so many steps.
let integrate steps (flow: float[] -> float[]) time (start: float[]) =
    let h = time / float steps
    let mutable x = start

    for _ in 1..steps do
        let k1 = flow x
        let k2 = flow (add x (scale (h / 2.0) k1))
        let k3 = flow (add x (scale (h / 2.0) k2))
        let k4 = flow (add x (scale h k3))
        x <- add x (scale (h / 6.0) (add (add k1 k4) (scale 2.0 (add k2 k3))))

    x

/// Losses in two parameters of degree 4 with a positive definite quadratic part, so that a few steps stay where the series converge.
let loss =
    gen {
        let coefficient size = Gen.choose (-100, 100) |> Gen.map (fun k -> size * float k / 100.0)
        let! curvature = Gen.choose (50, 150) |> Gen.map (fun k -> float k / 100.0)
        let! tilt = coefficient 0.3
        let! others = Gen.listOfLength 9 (coefficient 0.4)
        let! linear = Gen.listOfLength 2 (coefficient 1.0)

        let powers =
            [ for d in 3..4 do
                  for i in 0..d -> [| i; d - i |] ]

        return
            [ curvature / 2.0, [| 2; 0 |]
              (1.5 - curvature / 2.0) / 2.0, [| 0; 2 |]
              tilt, [| 1; 1 |]
              linear[0], [| 1; 0 |]
              linear[1], [| 0; 1 |] ]
            @ List.zip others powers
    }

let start = [| 0.6; -0.4 |]
