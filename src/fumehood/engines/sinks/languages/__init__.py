"""How each interpreter reads its argument. A language answers one question: is the value inert where it stands?"""
