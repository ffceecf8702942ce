int second_answer(int question);
