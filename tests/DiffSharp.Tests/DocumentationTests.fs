module DocumentationTests

open Expecto

/// What the checker has to see through: some of these have a summary, some have none.
module Specimens =

    /// Has one.
    type Shape =
        /// Has one.
        | Round of radius: float
        | Square of side: float
        | Empty

        /// Has one.
        member _.Corners = 4

        member _.Undescribed = 4

    /// Has one.
    type Point =
        {
            /// Has one.
            X: float
            Y: float
        }

        /// Has one.
        static member (+)(a: Point, b: Point) = { X = a.X + b.X; Y = a.Y + b.Y }

        static member (-)(a: Point, b: Point) = { X = a.X - b.X; Y = a.Y - b.Y }

    /// Has one.
    type Overloaded(size: int) =
        new() = Overloaded 0

        /// Has one.
        member _.Of(x: int) = x + size

        member _.Of(x: float) = x + float size

        /// Has one.
        member _.Generic<'T>(x: 'T) = x

    /// Has one.
    exception Failure of reason: string

    type Bare = interface end

    /// Has one.
    type Level =
        /// Has one.
        | Low = 0
        | High = 1

    /// Has one.
    let described x = x

    let undescribed x = x

    ///
    let blank x = x

    [<Literal>]
    let Constant = 3

    /// Has one.
    [<Literal>]
    let DescribedConstant = 3

let private specimensWithout =
    [ "Bare"
      "Constant"
      "Level.High"
      "Overloaded.#ctor"
      "Overloaded.Of"
      "Point.Y"
      "Point.op_Subtraction"
      "Shape.Empty"
      "Shape.Square"
      "Shape.Undescribed"
      "blank"
      "undescribed" ]

[<Tests>]
let tests =
    testList
        "documentation"
        [ testCase "every public member of DiffSharp has a summary"
          <| fun () ->
              let missing = DocCoverage.missing typeof<DiffSharp.TorchRuntime>.Assembly
              Expect.isEmpty missing "members without a summary"

          testCase "the checker finds every kind of member without a summary, and no other"
          <| fun () ->
              let prefix = "DocumentationTests.Specimens."

              let found =
                  DocCoverage.missing typeof<Specimens.Shape>.Assembly
                  |> List.filter _.StartsWith(prefix)
                  |> List.map _.Substring(prefix.Length)

              Expect.equal found (List.sort specimensWithout) "exactly these" ]
