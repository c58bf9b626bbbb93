"""Drawings of care, fragrance and make-up."""

from recommendations.sample_data.pictures.shape import Shape, area, box, line, oval

TOILETRIES: dict[str, Shape] = {
    "face_serum": Shape(
        body="M146 196Q146 172 170 168H230Q254 172 254 196V304Q254 326 232 326H168Q146 326"
        " 146 304Z",
        behind=area("M184 62Q184 38 200 38 216 38 216 62V96H184Z", "$k"),
        front=box(174, 94, 52, 52, 8, "$G")
        + line("M184 100V140M194 100V140M206 100V140M216 100V140", "$s", 2.5)
        + box(178, 146, 44, 24, 2, "$d")
        + box(146, 214, 108, 80, 0, "$w")
        + area("M200 226Q220 252 212 264 200 278 188 264 180 252 200 226Z", "$a")
        + line("M172 284H228", "$s", 4)
        + line("M160 192V312", "#ffffff", 9, ' opacity=".45"'),
        shadow_width=85,
    ),
    "face_cream": Shape(
        body="M98 204V284Q98 322 136 322H264Q302 322 302 284V204Z",
        front=area(
            "M90 146Q90 124 112 124H288Q310 124 310 146V192Q310 204 298 204H102Q90 204 90 192Z",
            "$w",
        )
        + area("M90 178H310V192Q310 204 298 204H102Q90 204 90 192Z", "$p")
        + line("M112 140V184", "#ffffff", 9)
        + line("M90 204H310", "$a", 6)
        + box(136, 234, 128, 56, 8, "$h", 0.9)
        + line("M160 254H240", "$k", 6)
        + line("M176 270H224", "$a", 5)
        + line("M114 222V282", "#ffffff", 9, ' opacity=".45"')
        + area("M148 124Q150 100 176 104 180 78 208 86 238 82 240 106 262 104 256 124Z", "#fffdf8"),
        shadow_width=140,
    ),
    "lipstick": Shape(
        body="M170 76 224 106Q232 112 232 122V196H168V80Q168 74 170 76Z",
        behind=f'<g transform="translate(96 0)">{box(160, 246, 76, 78, 8, "$n")}'
        + box(160, 240, 76, 14, 5, "$G")
        + "</g>",
        front=area("M170 76 224 106Q232 112 232 122L168 86V80Q168 74 170 76Z", "$l")
        + box(160, 192, 80, 50, 4, "$G")
        + box(148, 238, 104, 88, 10, "$n")
        + box(148, 238, 104, 16, 6, "#d9b878")
        + line("M178 104V182", "#ffffff", 8, ' opacity=".4"')
        + line("M164 266V312", "#ffffff", 7, ' opacity=".3"')
        + oval(200, 290, 14, 14, "#d9b878"),
        shadow_x=226,
        shadow_width=125,
    ),
    "shampoo": Shape(
        body="M136 172Q136 146 162 142H238Q264 146 264 172V300Q264 326 238 326H162"
        "Q136 326 136 300Z",
        behind=box(190, 82, 20, 42, 4, "$G")
        + area("M160 58H236Q246 58 246 68V86H180L146 92Q138 84 140 72 148 58 160 58Z", "$n"),
        front=box(172, 116, 56, 30, 7, "$n")
        + box(156, 190, 88, 106, 10, "$w")
        + oval(186, 234, 17, 17, "$l")
        + oval(214, 222, 11, 11, "$a")
        + oval(212, 248, 8, 8, "$m")
        + line("M174 274H226M186 285H214", "$s", 4)
        + line("M148 176V308", "#ffffff", 8, ' opacity=".45"'),
        shadow_width=95,
    ),
    "perfume": Shape(
        body="M116 192Q116 164 144 162H256Q284 164 284 192V298Q284 324 258 324H142"
        "Q116 324 116 298Z",
        behind=box(178, 134, 44, 32, 3, "#d9b878"),
        front=box(164, 70, 72, 66, 12, "$n")
        + line("M178 82V124", "#ffffff", 6, ' opacity=".35"')
        + box(134, 180, 132, 128, 12, "#ffffff", 0.32)
        + area("M134 232Q200 218 266 232V296Q266 308 254 308H146Q134 308 134 296Z", "$d", 0.45)
        + line("M200 166V290", "$h", 3)
        + box(164, 226, 72, 50, 3, "$w")
        + line("M178 244H222M188 258H212", "#b8935a", 4)
        + line("M128 196V294", "#ffffff", 7, ' opacity=".6"')
        + line("M150 134H250", "#d9b878", 0.1),
        shadow_width=125,
    ),
    "soap": Shape(
        body="M84 232Q84 196 122 194H278Q316 196 316 232V266Q316 300 278 302H122Q84 300 84 266Z",
        behind=oval(272, 130, 30, 30, "#ffffff", 0.5)
        + oval(226, 98, 18, 18, "#ffffff", 0.5)
        + oval(310, 84, 13, 13, "#ffffff", 0.5)
        + oval(166, 142, 22, 22, "#ffffff", 0.5)
        + oval(262, 120, 8, 6, "#ffffff")
        + oval(160, 135, 6, 4, "#ffffff"),
        front=area(
            "M84 232Q84 196 122 194H278Q316 196 316 232 316 250 278 252H122Q84 250 84 232Z",
            "$l",
            0.75,
        )
        + line("M122 206H262", "#ffffff", 6, ' opacity=".6"')
        + area("M166 188H234V304H166Z", "$w")
        + area("M166 188H234V252H166Z", "#ffffff", 0.5)
        + line("M166 188V304M234 188V304", "$a", 4)
        + area("M200 246Q176 230 200 206 224 230 200 246Z", "$f")
        + line("M184 274H216", "$s", 4)
        + box(62, 300, 276, 20, 10, "$T"),
        shadow_width=155,
        shadow_y=324,
    ),
}
