module NoiseScale.Theory.Tests.DerivationTests

open Expecto
open NoiseScale.Theory
open NoiseScale.Theory.BackwardError

let private gradientDescent = Derivation.derive ModifiedEquation.gradientDescent 3

let tests =
    testList
        "derivations"
        [ testCase "gradient descent to order 3 in text" (fun () ->
              let lines = (Derivation.toText gradientDescent).Split '\n'
              Expect.stringStarts lines[0] "gradient descent, to order 3: dw/dt with t = ε · updates" "what it is"

              Expect.equal
                  lines[2..5]
                  [| "  + f                  ∙"
                     "  − 1/2 ε f′f          [∙]"
                     "  + 1/3 ε² f′f′f       [[∙]]"
                     "  + 1/12 ε² f″(f, f)   [∙∙]" |]
                  "the terms, each beside its tree"

              Expect.contains lines "modified loss: C̃ = C + 1/4 ε ‖∇C‖²" "P6 Eq. 11"
              Expect.isTrue (lines |> Array.exists (fun l -> l.StartsWith "The terms of order 3 are no gradient")) "where it ends")

          testCase "gradient descent to order 3 in LaTeX" (fun () ->
              let text = Derivation.toLatex gradientDescent

              for part in
                  [ "\\begin{align*}"
                    "f && \\bullet"
                    "- \\frac{1}{2} \\varepsilon f' f && [\\bullet]"
                    "+ \\frac{1}{12} \\varepsilon^{2} f''(f, f) && [\\bullet\\bullet]"
                    "\\tilde C = C + \\frac{1}{4} \\varepsilon \\lVert \\nabla C \\rVert^2" ] do
                  Expect.stringContains text part part)

          testCase "the other optimizers' modified losses" (fun () ->
              let beta, m = Coefficient.Symbol "β", Coefficient.Symbol "m"

              for equation, loss in
                  [ ModifiedEquation.heavyBall beta, "C̃ = 1/(1 − β) C + (1 + β)/(4(1 − β)³) ε ‖∇C‖²"
                    ModifiedEquation.nesterov beta, "C̃ = 1/(1 − β) C + (1 − β + 2β²)/(4(1 − β)³) ε ‖∇C‖²"
                    ModifiedEquation.shuffled m, "C̃ = C + 1/4 ε ⟨‖∇Ĉ_i‖²⟩"
                    ModifiedEquation.withReplacement m, "C̃ = C + 1/4 ε ‖∇C‖²"
                    ModifiedEquation.inOrder 2 [ 0; 1; 1; 0 ], "C̃ = 1/2 Ĉ₀ + 1/2 Ĉ₁ + 1/8 ε ‖∇Ĉ₀‖² + 1/8 ε ‖∇Ĉ₁‖²" ] do
                  Expect.stringContains (Derivation.toText (Derivation.derive equation 2)) loss equation.Name)

          testCase "every optimizer prints itself, to every order asked, in both notations" (fun () ->
              let beta, m = Coefficient.Symbol "β", Coefficient.Symbol "m"

              for equation in
                  [ ModifiedEquation.gradientDescent
                    ModifiedEquation.heavyBall beta
                    ModifiedEquation.nesterov beta
                    ModifiedEquation.shuffled m
                    ModifiedEquation.withReplacement m
                    ModifiedEquation.shuffledSteps (Coefficient.OfInt 3) (Coefficient.OfInt 4)
                    ModifiedEquation.inOrder 3 [ 2; 0; 1 ] ] do
                  for order in 1..4 do
                      let derivation = Derivation.derive equation order
                      let terms = derivation.Field.Length

                      Expect.equal
                          ((Derivation.toText derivation).Split('\n') |> Array.filter (fun l -> l.StartsWith "  ")).Length
                          terms
                          "a line each"

                      Expect.equal ((Derivation.toLatex derivation).Split(" && ").Length - 1) terms "a tree each") ]
