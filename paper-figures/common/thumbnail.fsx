// Thumbnails: a panel as a small SVG of its curves, for pages that show many figures. It has no words but its label, and the colours of the panel.
#load "claims.fsx"

open System
open System.Globalization
open System.Net
open Panel

let private width, height, margin = 320.0, 220.0, 14.0

let private place log (v: float) = if log then Math.Log10 v else v

/// A scale from values to pixels: none where nothing can be placed.
let private scale log (limits: (float * float) option) (values: float seq) (low: float, high: float) =
    let placed = values |> Seq.map (place log) |> Seq.filter Double.IsFinite |> Seq.toArray

    if placed.Length = 0 then
        fun _ -> nan
    else
        let first, last =
            match limits with
            | Some(a, b) -> place log a, place log b
            | None -> Array.min placed, Array.max placed

        let span = if last > first then last - first else 1.0
        fun v -> low + (place log v - first) / span * (high - low)

/// At most 160 of the points: a thumbnail shows no more.
let private thinned (points: (float * float)[]) =
    let step = max 1 ((points.Length + 159) / 160)

    [| for i in 0 .. points.Length - 1 do
           if i % step = 0 || i = points.Length - 1 then
               points[i] |]

let svg (panel: Panel) =
    let x = scale panel.LogX None (panel.Series |> Seq.collect _.X) (margin, width - margin)

    let y = scale panel.LogY panel.YRange (panel.Series |> Seq.collect _.Y) (height - margin, margin)

    let number (v: float) = v.ToString("0.#", CultureInfo.InvariantCulture)

    let points (xs: float[]) (ys: float[]) =
        Array.zip xs ys
        |> Array.map (fun (a, b) -> x a, y b)
        |> Array.filter (fun (a, b) -> Double.IsFinite a && Double.IsFinite b)
        |> thinned

    let path (ps: (float * float)[]) = ps |> Array.map (fun (a, b) -> $"{number a},{number b}") |> String.concat " "

    let drawn =
        [ for s in panel.Series do
              if s.Low.Length > 0 then
                  let edge = Array.append (points s.X s.High) (Array.rev (points s.X s.Low))
                  $"<polygon points=\"{path edge}\" fill=\"{s.Color}\" fill-opacity=\"0.2\"/>"
          for s in panel.Series do
              if s.Points then
                  for a, b in points s.X s.Y do
                      $"<circle cx=\"{number a}\" cy=\"{number b}\" r=\"1.6\" fill=\"{s.Color}\" fill-opacity=\"0.6\"/>"
              else
                  $"<polyline points=\"{path (points s.X s.Y)}\" fill=\"none\" stroke=\"{s.Color}\" stroke-width=\"2\"/>" ]
        |> String.concat ""

    $"<svg viewBox=\"0 0 {number width} {number height}\" role=\"img\" aria-label=\"{WebUtility.HtmlEncode panel.Text}\">{drawn}</svg>"
