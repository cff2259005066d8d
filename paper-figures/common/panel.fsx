// Panels: what a figure shows, and how Plotly.NET draws it. A panel fixes no background and no text colour; the page it stands on does.
#load "references.fsx"

open Plotly.NET
open Plotly.NET.LayoutObjects

/// One curve with an optional band around it.
type Series =
    {
        Name: string
        Color: string
        Dash: StyleParam.DrawingStyle
        X: float[]
        Y: float[]
        /// lower and upper edge of the band, or empty
        Low: float[]
        High: float[]
        /// drawn as points, not as a line
        Points: bool
    }

type Panel =
    {
        Title: string
        XTitle: string
        YTitle: string
        LogX: bool
        LogY: bool
        /// lowest and highest y to show; none for all there is
        YRange: (float * float) option
        /// what a reader who cannot see the panel should know
        Text: string
        Series: Series list
    }

/// A panel with linear axes that shows all there is.
let panel title xTitle yTitle text series : Panel =
    { Title = title
      XTitle = xTitle
      YTitle = yTitle
      LogX = false
      LogY = false
      YRange = None
      Text = text
      Series = series }

/// Colours and dashes that stay apart for colour-blind eyes, in the dark, and where curves lie on one another.
let styles =
    [| "#4477AA", StyleParam.DrawingStyle.Solid
       "#EE7733", StyleParam.DrawingStyle.Dash
       "#228833", StyleParam.DrawingStyle.DashDot
       "#AA3377", StyleParam.DrawingStyle.Dot
       "#CCBB44", StyleParam.DrawingStyle.LongDash |]

let series index name xs ys : Series =
    let color, dash = styles[index % styles.Length]

    { Name = name
      Color = color
      Dash = dash
      X = Seq.toArray xs
      Y = Seq.toArray ys
      Low = [||]
      High = [||]
      Points = false }

/// Points that no line joins.
let scattered index name xs ys : Series = { series index name xs ys with Points = true }

let banded index name xs ys low high : Series = { series index name xs ys with Low = Seq.toArray low; High = Seq.toArray high }

/// A piecewise-constant curve drawn with its jumps.
let staircase (xs: float seq) (ys: float seq) =
    let points = Seq.zip xs ys |> Seq.toArray

    [| for i in 0 .. points.Length - 1 do
           let x, y = points[i]

           if i > 0 then
               x, snd points[i - 1]

           x, y |]
    |> Array.unzip

let private band (s: Series) =
    let xs = Array.append s.X (Array.rev s.X)
    let ys = Array.append s.High (Array.rev s.Low)

    Chart.Line(xs, ys, Name = s.Name, ShowLegend = false, LineColor = Color.fromString "rgba(0,0,0,0)", Opacity = 0.25)
    |> GenericChart.mapTrace (fun trace ->
        trace.SetProperty("fill", "toself")
        trace.SetProperty("fillcolor", s.Color)
        trace.SetProperty("hoverinfo", "skip")
        trace.SetProperty("legendgroup", s.Name)
        trace)

let private line (s: Series) =
    (if s.Points then
         Chart.Point(s.X, s.Y, Name = s.Name, MarkerColor = Color.fromHex s.Color, Opacity = 0.45)
         |> Chart.withMarkerStyle (Size = 4)
     else
         Chart.Line(s.X, s.Y, Name = s.Name, LineColor = Color.fromHex s.Color, LineDash = s.Dash, LineWidth = 2.0))
    |> GenericChart.mapTrace (fun trace ->
        trace.SetProperty("legendgroup", s.Name)
        trace)

/// The largest over the smallest value that a logarithmic axis shows; 1 for none.
let private span values =
    let values = values |> Seq.filter (fun v -> v > 0.0 && System.Double.IsFinite v)
    if Seq.isEmpty values then 1.0 else Seq.max values / Seq.min values

let private axis title log range values =
    let axis =
        LinearAxis.init (
            Title = Title.init (Text = title),
            AxisType = (if log then StyleParam.AxisType.Log else StyleParam.AxisType.Linear),
            ShowGrid = true,
            ZeroLine = false
        )

    // over many decades a label for each is enough; over few the page adds those of 2 and 5; within one some numbers as they come
    if log then
        match span values with
        | many when many > 1e4 -> axis.SetProperty("dtick", 1)
        | few when few < 6.0 -> axis.SetProperty("nticks", 6)
        | _ -> ()

    range
    |> Option.iter (fun (low: float, high: float) ->
        let place (v: float) = if log then log10 v else v
        axis.SetProperty("range", [| place low; place high |]))

    axis

/// The panel as a chart.
let chart panel : GenericChart =
    [ for s in panel.Series do
          if s.Low.Length > 0 then
              band s
      for s in panel.Series do
          line s ]
    |> Chart.combine
    |> Chart.withTitle (Title.init (Text = panel.Title, X = 0.02, XAnchor = StyleParam.XAnchorPosition.Left))
    |> Chart.withXAxis (axis panel.XTitle panel.LogX None (panel.Series |> Seq.collect _.X))
    |> Chart.withYAxis (axis panel.YTitle panel.LogY panel.YRange (panel.Series |> Seq.collect _.Y))
    |> Chart.withLegend (
        Legend.init (Orientation = StyleParam.Orientation.Horizontal, X = 0.0, Y = -0.2, YAnchor = StyleParam.YAnchorPosition.Top)
    )
    |> Chart.withMargin (Margin.init (Left = 70, Right = 16, Top = 44, Bottom = 90))

/// Data and layout as JSON.
let json panel = chart panel |> Chart.withTemplate (Template.init (Layout.init ())) |> GenericChart.toFigureJson
