module Program

open Expecto

[<EntryPoint>]
let main arguments =
    match arguments with
    | [| "--child"; part |] when part.StartsWith "refusals:" -> Refusals.play (int (part.Substring "refusals:".Length))
    | [| "--child"; part |] -> Child.play part
    | [| "--cost" |] -> Cost.run ()
    | _ ->
        let all = testList "DiffSharp" (Option.toList (Impl.testFromThisAssembly ()))
        runTestsWithCLIArgs [] arguments all
